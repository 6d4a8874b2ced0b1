/** Runs strategies and ranks them. */
@NullMarked
package org.offramp.host.leaderboard;

import org.jspecify.annotations.NullMarked;
