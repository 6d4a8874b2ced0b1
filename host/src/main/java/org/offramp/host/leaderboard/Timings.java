package org.offramp.host.leaderboard;

/**
 * Wall-clock times of a run; kept apart from the record.
 *
 * @param trainingSeconds the chain of trainers, shared by strategies with the same chain
 * @param full1 nanoseconds per sample of the plain backbone at batch 1
 * @param early1 nanoseconds per sample with early exits at batch 1
 * @param full64 nanoseconds per sample of the plain backbone at batch 64
 * @param early64 nanoseconds per sample with early exits at batch 64
 * @param execution whether stages run {@code op by op} or {@code compiled}, and how they were trained
 */
public record Timings(
        double trainingSeconds, double full1, double early1, double full64, double early64, String execution) {}
