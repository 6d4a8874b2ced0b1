/** Choosing thresholds on calibration evidence so that a goal holds. */
@NullMarked
package org.offramp.host.calibration;

import org.jspecify.annotations.NullMarked;
