/** Benchmarks of the parts of early-exit inference. */
@NullMarked
package org.offramp.bench;

import org.jspecify.annotations.NullMarked;
