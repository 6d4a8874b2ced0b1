/** A backbone cut at its exits, with heads attached: assembly, forward passes, cost, weights. */
@NullMarked
package org.offramp.host.network;

import org.jspecify.annotations.NullMarked;
