/** Commitment layers (Patel and Siegelmann 2022): a gate at each exit that learns whether to commit to its answer. */
@NullMarked
package org.offramp.commitment;

import org.jspecify.annotations.NullMarked;
