@NullMarked
package org.offramp.host.leaderboard;

import org.jspecify.annotations.NullMarked;
