@NullMarked
package org.offramp.host.graph;

import org.jspecify.annotations.NullMarked;
