/** Leaving early for real: stages, compaction, answers in input order; and traces without leaving. */
@NullMarked
package org.offramp.host.inference;

import org.jspecify.annotations.NullMarked;
