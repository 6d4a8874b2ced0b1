@NullMarked
package org.offramp.host.data;

import org.jspecify.annotations.NullMarked;
