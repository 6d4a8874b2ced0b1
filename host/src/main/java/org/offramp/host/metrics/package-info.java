/** Figures of merit as pure functions on arrays. */
@NullMarked
package org.offramp.host.metrics;

import org.jspecify.annotations.NullMarked;
