/** Tests of bundles. */
@NullMarked
package org.offramp.host.bundle;

import org.jspecify.annotations.NullMarked;
