@NullMarked
package org.offramp.sidenet;

import org.jspecify.annotations.NullMarked;
