@NullMarked
package org.offramp.host.training;

import org.jspecify.annotations.NullMarked;
