@NullMarked
package org.offramp.commitment;

import org.jspecify.annotations.NullMarked;
