/**
 * Backbones built from scratch: for images {@link org.offramp.backbones.ConvNet}, {@link org.offramp.backbones.Darknet},
 * {@link org.offramp.backbones.Residual}, {@link org.offramp.backbones.Mobile} and, in torchvision's layout, {@link
 * org.offramp.backbones.ResNet}, {@link org.offramp.backbones.MobileNetV3} and {@link org.offramp.backbones.EfficientNet}; for sensor windows {@link
 * org.offramp.backbones.Conv1dNet}; for text {@link org.offramp.backbones.Transformer} and {@link org.offramp.backbones.Bert}; for anything {@link
 * org.offramp.backbones.Mlp}. Activations are channels first: {@code (batch, channels, positions…)}.
 */
@NullMarked
package org.offramp.backbones;

import org.jspecify.annotations.NullMarked;
