@NullMarked
package org.offramp.e2cm;

import org.jspecify.annotations.NullMarked;
