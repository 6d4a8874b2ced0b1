@NullMarked
package org.offramp.host.inference;

import org.jspecify.annotations.NullMarked;
