package org.offramp.host.graph;

import java.util.Set;

/**
 * Whether a stage trains faster compiled, told from its operations alone: so the same network is always trained the same way, on a
 * busy machine too, and a record can be repeated to the byte. The rule was calibrated by measurement; docs/performance.md has the table.
 */
final class TrainingGain {
    private static final Set<String> CONVOLUTIONS = Set.of("torch.conv2d");

    private TrainingGain() {}

    static boolean isExpected(Graph graph) {
        return graph.operations().stream().anyMatch(operation -> CONVOLUTIONS.contains(operation.function()));
    }
}
