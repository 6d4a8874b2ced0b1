/** Finds plugins on the class path and in isolated directories, and registers what they bring. */
@NullMarked
package org.offramp.host.plugin;

import org.jspecify.annotations.NullMarked;
