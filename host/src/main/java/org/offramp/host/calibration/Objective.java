package org.offramp.host.calibration;

import java.util.Comparator;

/** Which of two outcomes is wanted more. */
interface Objective {
    /** Whether one outcome serves better than another; never both ways round. */
    boolean better(Outcome one, Outcome other);

    /**
     * A goal on a trace: first of all it holds, then it is served as well as can be.
     *
     * @param goal drop or budget
     * @param lastCorrect samples that the last exit answers rightly
     * @param size samples in the trace
     * @param backboneMacs MACs of the plain backbone
     */
    record OfGoal(Goal goal, long lastCorrect, int size, long backboneMacs) implements Objective {
        private static final Comparator<Outcome> BY_MACS =
                Comparator.<Outcome>comparingLong(outcome -> -outcome.macs()).thenComparingLong(Outcome::correct);
        private static final Comparator<Outcome> BY_CORRECT =
                Comparator.comparingLong(Outcome::correct).thenComparingLong(outcome -> -outcome.macs());

        boolean feasible(Outcome outcome) {
            if (goal instanceof Goal.MaxAccuracyDrop drop) {
                return outcome.correct() >= lastCorrect - drop.drop() * size - 1e-9;
            }
            return goal instanceof Goal.MaxMacs bound
                    && outcome.macs() <= bound.fraction() * backboneMacs * size * (1 + 1e-12);
        }

        @Override
        public boolean better(Outcome one, Outcome other) {
            boolean oneFeasible = feasible(one);
            if (oneFeasible != feasible(other)) {
                return oneFeasible;
            }
            boolean byMacs = goal instanceof Goal.MaxAccuracyDrop ? oneFeasible : !oneFeasible;
            return (byMacs ? BY_MACS : BY_CORRECT).compare(one, other) > 0;
        }
    }

    /**
     * Right answers less what MACs cost.
     *
     * @param price right answers per MAC
     */
    record Priced(double price) implements Objective {
        @Override
        public boolean better(Outcome one, Outcome other) {
            return (one.correct() - other.correct()) > price * (one.macs() - other.macs());
        }
    }
}
