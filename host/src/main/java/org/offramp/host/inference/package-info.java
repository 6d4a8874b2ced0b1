/**
 * Leaving early for real: stages (compiled, archives from elsewhere, or op by op), compaction, a batch of one in one call, answers in input
 * order; and traces without leaving.
 */
@NullMarked
package org.offramp.host.inference;

import org.jspecify.annotations.NullMarked;
