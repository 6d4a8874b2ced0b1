/**
 * Runs a Block once on recording arrays, reads off what it computes, counts its MACs, and writes it as a TorchScript archive for inference or
 * training; the optimiser's step is such an archive too.
 */
@NullMarked
package org.offramp.host.graph;

import org.jspecify.annotations.NullMarked;
