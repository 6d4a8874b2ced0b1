@NullMarked
package org.offramp.host.plugin;

import org.jspecify.annotations.NullMarked;
