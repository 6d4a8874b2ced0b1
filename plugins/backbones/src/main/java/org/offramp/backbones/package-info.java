/**
 * Backbones built from scratch: for images {@link org.offramp.backbones.ConvNet}, {@link org.offramp.backbones.Darknet},
 * {@link org.offramp.backbones.Residual} and {@link org.offramp.backbones.Mobile}; for sensor windows {@link
 * org.offramp.backbones.Conv1dNet}; for text {@link org.offramp.backbones.Transformer}; for anything {@link
 * org.offramp.backbones.Mlp}. Activations are channels first: {@code (batch, channels, positions…)}.
 */
@NullMarked
package org.offramp.backbones;

import org.jspecify.annotations.NullMarked;
