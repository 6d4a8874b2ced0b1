/** Small real networks and data that the host's tests share. */
@NullMarked
package org.offramp.host.testing;

import org.jspecify.annotations.NullMarked;
