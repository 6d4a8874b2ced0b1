package org.offramp.host.calibration;

import java.util.Arrays;
import java.util.Locale;

/** What thresholds are to reach on the calibration split. */
public sealed interface Goal {
    /**
     * The least mean MACs with an accuracy not below the last exit's by more than this.
     *
     * @param drop a fraction, e.g. 0.01 for one percentage point
     * @param confidence how sure it is to hold for other samples too, 0.5 … 1, by {@link RiskControl}; 0 for the calibration split alone
     */
    record MaxAccuracyDrop(double drop, double confidence) implements Goal {
        /** Checks the confidence. */
        public MaxAccuracyDrop {
            if (confidence != 0 && !(confidence >= 0.5 && confidence < 1)) {
                throw new IllegalArgumentException(
                        "confidence " + confidence + " is out of range; allowed: 0.5 to below 1");
            }
        }

        /**
         * A drop on the calibration split.
         *
         * @param drop a fraction
         */
        public MaxAccuracyDrop(double drop) {
            this(drop, 0);
        }

        @Override
        public String toString() {
            return String.format(Locale.ROOT, "max-accuracy-drop %s", drop)
                    + (confidence == 0 ? "" : " with confidence " + confidence);
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
