/** The commands. */
@NullMarked
package org.offramp.host.cli;

import org.jspecify.annotations.NullMarked;
