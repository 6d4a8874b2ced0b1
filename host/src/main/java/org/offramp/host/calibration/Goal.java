package org.offramp.host.calibration;

import java.util.Arrays;
import java.util.Locale;

/** What thresholds are to reach on the calibration split. */
public sealed interface Goal {
    /**
     * The least mean MACs with an accuracy not below the last exit's by more than this.
     *
     * @param drop a fraction, e.g. 0.01 for one percentage point
     */
    record MaxAccuracyDrop(double drop) implements Goal {
        @Override
        public String toString() {
            return String.format(Locale.ROOT, "max-accuracy-drop %s", drop);
        }
    }

    /**
     * The greatest accuracy with mean MACs not above this.
     *
     * @param fraction of the plain backbone's MACs
     */
    record MaxMacs(double fraction) implements Goal {
        @Override
        public String toString() {
            return String.format(Locale.ROOT, "max-macs %s", fraction);
        }
    }

    /**
     * Thresholds that a person gave.
     *
     * @param thresholds one for all early exits, or one each
     */
    record Given(double[] thresholds) implements Goal {
        @Override
        public String toString() {
            return "threshold " + Arrays.toString(thresholds);
        }
    }
}
