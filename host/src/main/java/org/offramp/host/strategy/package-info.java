/** From a strategy's configuration to a trained network and sealed thresholds; nothing here sees a test sample. */
@NullMarked
package org.offramp.host.strategy;

import org.jspecify.annotations.NullMarked;
