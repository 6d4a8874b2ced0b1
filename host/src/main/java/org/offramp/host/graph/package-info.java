/** Runs a Block once on recording arrays and reads off what it computes. */
@NullMarked
package org.offramp.host.graph;

import org.jspecify.annotations.NullMarked;
