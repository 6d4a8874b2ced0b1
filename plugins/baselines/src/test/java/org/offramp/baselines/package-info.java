@NullMarked
package org.offramp.baselines;

import org.jspecify.annotations.NullMarked;
