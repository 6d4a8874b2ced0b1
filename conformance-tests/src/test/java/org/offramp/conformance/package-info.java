/** The suite of the suite: wrong components, each caught by its rule, and right ones that pass. */
@NullMarked
package org.offramp.conformance;

import org.jspecify.annotations.NullMarked;
