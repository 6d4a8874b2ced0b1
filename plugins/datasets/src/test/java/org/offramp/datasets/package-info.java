@NullMarked
package org.offramp.datasets;

import org.jspecify.annotations.NullMarked;
