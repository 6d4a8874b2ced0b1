/** Measures bundles and networks on the clock, in turns. */
@NullMarked
package org.offramp.host.bench;

import org.jspecify.annotations.NullMarked;
