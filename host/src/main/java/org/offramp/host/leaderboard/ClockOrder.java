package org.offramp.host.leaderboard;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** Says where MACs and the clock disagree: pairs of which the one with clearly fewer MACs takes clearly more time. */
final class ClockOrder {
    private static final double CLEARLY_FEWER = 0.95;
    private static final double CLEARLY_LONGER = 1.1;
    private static final int SHOWN = 3;

    private ClockOrder() {}

    private record Disagreement(BoardLine fewer, BoardLine more, double ratio) {}

    /** Sentences, one for each batch size that was timed. */
    static List<String> sentences(List<BoardLine> all) {
        List<String> sentences = new ArrayList<>();
        for (int batch : List.of(1, 64)) {
            ToDoubleFunction<Timings> early = batch == 1 ? Timings::early1 : Timings::early64;
            ToDoubleFunction<Timings> full = batch == 1 ? Timings::full1 : Timings::full64;
            List<BoardLine> lines = all.stream()
                    .filter(line -> line.finished() && line.meanTime(early) > 0)
                    .toList();
            if (!lines.isEmpty()) {
                sentences.add(sentence(batch, lines, early) + slower(lines, early, full));
            }
        }
        return sentences;
    }

    private static String sentence(int batch, List<BoardLine> lines, ToDoubleFunction<Timings> time) {
        List<Disagreement> found = new ArrayList<>();
        int pairs = 0;
        for (BoardLine fewer : lines) {
            for (BoardLine more : lines) {
                if (fewer.macs() < CLEARLY_FEWER * more.macs()) {
                    pairs++;
                    double ratio = fewer.meanTime(time) / more.meanTime(time);
                    if (ratio > CLEARLY_LONGER) {
                        found.add(new Disagreement(fewer, more, ratio));
                    }
                }
            }
        }
        String batchName = "Batch " + batch + ": ";
        if (found.isEmpty()) {
            return batchName + "of " + pairs
                    + " pairs with clearly different MACs, none takes clearly longer with fewer of them.";
        }
        found.sort(Comparator.comparingDouble(pair -> -pair.ratio));
        List<String> examples = found.stream()
                .limit(SHOWN)
                .map(pair -> String.format(
                        Locale.ROOT,
                        "%s (%s %% of the MACs, %s µs) against %s (%s %%, %s µs)",
                        pair.fewer.name,
                        BoardWriter.percent(pair.fewer.macs()),
                        BoardWriter.micros(pair.fewer.meanTime(time)),
                        pair.more.name,
                        BoardWriter.percent(pair.more.macs()),
                        BoardWriter.micros(pair.more.meanTime(time))))
                .toList();
        return batchName + "MACs and the clock disagree on the order of " + found.size() + " of " + pairs
                + " pairs, most of all " + String.join("; ", examples) + ".";
    }

    private static String slower(
            List<BoardLine> lines, ToDoubleFunction<Timings> early, ToDoubleFunction<Timings> full) {
        List<String> names = lines.stream()
                .filter(line ->
                        line.macs() < CLEARLY_FEWER && line.meanTime(early) > CLEARLY_LONGER * line.meanTime(full))
                .map(line -> line.name)
                .toList();
        return names.isEmpty()
                ? ""
                : " Fewer MACs than the plain backbone, but slower than it: " + String.join(", ", names) + ".";
    }
}
