@NullMarked
package org.offramp.host.calibration;

import org.jspecify.annotations.NullMarked;
