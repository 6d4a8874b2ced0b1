@NullMarked
package org.offramp.host.metrics;

import org.jspecify.annotations.NullMarked;
