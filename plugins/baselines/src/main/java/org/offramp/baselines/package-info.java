/** The published baselines: trainers and exit policies that people compare with. */
@NullMarked
package org.offramp.baselines;

import org.jspecify.annotations.NullMarked;
