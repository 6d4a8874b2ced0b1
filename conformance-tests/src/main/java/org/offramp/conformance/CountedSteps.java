package org.offramp.conformance;

import org.offramp.host.training.Progress;

/** Counts the steps of the trainer under test, and interrupts the thread at one of them. */
final class CountedSteps implements Progress {
    private final int interruptAt;
    private boolean counting;
    private int steps;

    /** Interrupts at that step, counted from 1; never at 0. */
    CountedSteps(int interruptAt) {
        this.interruptAt = interruptAt;
    }

    void begin() {
        counting = true;
    }

    int steps() {
        return steps;
    }

    @Override
    public Task begin(String name, long total) {
        return new Task() {
            @Override
            public void step(String message) {
                steps += counting ? 1 : 0;
                if (counting && steps == interruptAt) {
                    Thread.currentThread().interrupt();
                }
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public void say(String line) {}
}
