/** The directory that a trained strategy is saved in and served from. */
@NullMarked
package org.offramp.host.bundle;

import org.jspecify.annotations.NullMarked;
