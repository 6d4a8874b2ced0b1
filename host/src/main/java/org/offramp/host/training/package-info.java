/** The training loop that trainers describe: phases, checkpoints, statistics. */
@NullMarked
package org.offramp.host.training;

import org.jspecify.annotations.NullMarked;
