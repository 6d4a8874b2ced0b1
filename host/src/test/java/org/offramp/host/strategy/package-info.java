@NullMarked
package org.offramp.host.strategy;

import org.jspecify.annotations.NullMarked;
