package org.offramp.host.metrics;

import java.util.List;
import java.util.stream.IntStream;

/**
 * What leaving too late or too early cost, as fractions of the samples (Kaya et al. 2019).
 *
 * @param wasteful went to the last exit, was right there, and had been right at an earlier exit
 * @param destructive the last exit is wrong, an earlier one was right
 * @param destructiveExits left early with a wrong answer where the last exit is right
 * @param oracleAccuracy some exit is right: no policy can reach more
 * @param oracleGap the oracle's accuracy less the accuracy
 */
public record Overthinking(
        double wasteful, double destructive, double destructiveExits, double oracleAccuracy, double oracleGap) {
    /**
     * Of a strategy.
     *
     * @param exits the answers of exit 1 … N to all samples
     * @param outcomes where samples left and what was answered
     */
    public static Overthinking of(List<LabelledAnswers> exits, Outcomes outcomes) {
        LabelledAnswers last = exits.get(exits.size() - 1);
        int wasteful = 0;
        int destructive = 0;
        int destructiveExits = 0;
        int oracle = 0;
        for (int i = 0; i < outcomes.size(); i++) {
            int sample = i;
            boolean early = exits.subList(0, exits.size() - 1).stream().anyMatch(exit -> exit.right(sample));
            boolean ranThrough = outcomes.exits()[i] == exits.size();
            wasteful += early && ranThrough && last.right(i) ? 1 : 0;
            destructive += early && !last.right(i) ? 1 : 0;
            destructiveExits += !ranThrough && !outcomes.right(i) && last.right(i) ? 1 : 0;
            oracle += early || last.right(i) ? 1 : 0;
        }
        double all = Math.max(1, outcomes.size());
        return new Overthinking(
                wasteful / all,
                destructive / all,
                destructiveExits / all,
                oracle / all,
                oracle / all - outcomes.accuracy());
    }

    /**
     * The first exit that is right for each sample, the last one where none is.
     *
     * @param exits the answers of exit 1 … N to all samples
     */
    public static int[] firstRight(List<LabelledAnswers> exits) {
        return IntStream.range(0, exits.get(0).size())
                .map(sample -> IntStream.range(0, exits.size() - 1)
                                .filter(exit -> exits.get(exit).right(sample))
                                .findFirst()
                                .orElse(exits.size() - 1)
                        + 1)
                .toArray();
    }
}
