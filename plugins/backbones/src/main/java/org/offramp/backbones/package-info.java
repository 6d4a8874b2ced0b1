/** Backbones: networks without early exits, cut into stages. */
@NullMarked
package org.offramp.backbones;

import org.jspecify.annotations.NullMarked;
