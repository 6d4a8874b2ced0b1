/** Tests of DJL's way to a bundle. */
@NullMarked
package org.offramp.host.djl;

import org.jspecify.annotations.NullMarked;
