@NullMarked
package org.offramp.conformance;

import org.jspecify.annotations.NullMarked;
