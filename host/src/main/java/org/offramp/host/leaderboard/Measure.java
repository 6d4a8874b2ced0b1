package org.offramp.host.leaderboard;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.offramp.host.metrics.Statistic;

/**
 * Something that strategies are compared by.
 *
 * @param name its name
 * @param lowerIsBetter whether less of it is better
 * @param statistics of each strategy, one for each seed
 */
record Measure(String name, boolean lowerIsBetter, Map<String, List<Statistic>> statistics) {
    static final String AREA = "area";
    static final String ACCURACY = "accuracy";
    static final String CONFIDENT_ERROR = "confident-error rate";

    static Measure named(String name, boolean lowerIsBetter) {
        return new Measure(name, lowerIsBetter, new LinkedHashMap<>());
    }
}
