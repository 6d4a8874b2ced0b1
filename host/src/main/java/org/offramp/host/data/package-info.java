/** Samples on their way to the network: disjoint splits, normalisation, batches. */
@NullMarked
package org.offramp.host.data;

import org.jspecify.annotations.NullMarked;
