@NullMarked
package org.offramp.host;

import org.jspecify.annotations.NullMarked;
