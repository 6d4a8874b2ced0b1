package org.offramp.host.training;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Parameter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.offramp.api.Capability;
import org.offramp.api.ExitTrainer;
import org.offramp.api.HeadOutput;
import org.offramp.api.TrainingException;
import org.offramp.host.data.DataSplits;
import org.offramp.host.network.Network;

/** Runs a chain of trainers on a network. */
public final class Training {
    private Training() {}

    /**
     * A trainer of a chain.
     *
     * @param name the trainer's name
     * @param trainer the trainer
     * @param capabilities what it declares; without {@link Capability#TRAINS_BACKBONE} a phase that trains a stage is refused
     * @param directory where its checkpoints are; equal for equal training steps only
     */
    public record Step(String name, ExitTrainer trainer, Set<Capability> capabilities, Path directory) {
        /**
         * A trainer of the host's own, which may train the backbone.
         *
         * @param name the trainer's name
         * @param trainer the trainer
         * @param directory where its checkpoints are
         */
        public Step(String name, ExitTrainer trainer, Path directory) {
            this(name, trainer, Set.of(Capability.TRAINS_BACKBONE), directory);
        }
    }

    /**
     * What a chain did.
     *
     * @param phases every phase, selection and reduction, in order
     * @param figures what the trainers reported
     * @param notes what the trainers noted, in order
     */
    public record Result(List<PhaseRecord> phases, Map<String, Double> figures, List<String> notes) {
        /** All MACs of the chain. */
        public long macs() {
            return phases.stream().mapToLong(PhaseRecord::macs).sum();
        }

        /** How the stages that gradients flow through ran: in one word where all phases agree, else by phase. */
        public String execution() {
            List<PhaseRecord> trained = phases.stream()
                    .filter(phase -> !phase.execution().isEmpty())
                    .toList();
            List<String> ways =
                    trained.stream().map(PhaseRecord::execution).distinct().toList();
            return ways.size() == 1
                    ? ways.get(0)
                    : String.join(
                            "; ",
                            trained.stream()
                                    .map(phase -> phase.name() + " " + phase.execution())
                                    .toList());
        }

        /** All wall-clock time of the chain, in seconds. */
        public double seconds() {
            return phases.stream().mapToDouble(PhaseRecord::seconds).sum();
        }
    }

    /**
     * Trains, or takes up where an earlier run stood.
     *
     * @param network the network, as assembled
     * @param splits the samples; calibration and test are not touched
     * @param chain the trainers
     * @param seed the run's seed
     * @param progress shows how far it is
     * @param compile whether stages run compiled where that pays
     * @throws TrainingException if training cannot go on, or leaves an exit without logits or a parameter that is not finite
     */
    public static Result run(
            Network network, DataSplits splits, List<Step> chain, long seed, Progress progress, boolean compile) {
        return run(network, splits, chain, seed, progress, compile, WhenToCompile.AUTO);
    }

    /**
     * Trains, or takes up where an earlier run stood.
     *
     * @param network the network, as assembled
     * @param splits the samples; calibration and test are not touched
     * @param chain the trainers
     * @param seed the run's seed
     * @param progress shows how far it is
     * @param compile whether stages that are not trained run compiled
     * @param compileTraining whether stages that are trained run compiled; {@link WhenToCompile#AUTO} only with {@code compile}
     * @throws TrainingException if training cannot go on, or leaves an exit without logits or a parameter that is not finite
     */
    public static Result run(
            Network network,
            DataSplits splits,
            List<Step> chain,
            long seed,
            Progress progress,
            boolean compile,
            WhenToCompile compileTraining) {
        List<PhaseRecord> phases = new ArrayList<>();
        Map<String, Double> figures = new LinkedHashMap<>();
        List<String> notes = new ArrayList<>(absentClasses(splits));
        notes.forEach(progress::say);
        for (int i = 0; i < chain.size(); i++) {
            Step step = chain.get(i);
            Session session = new Session(
                    network,
                    splits.training(),
                    splits.validation(),
                    splits.unlabelled(),
                    step.name(),
                    step.capabilities(),
                    Seeds.mix(seed, i + 1),
                    step.directory(),
                    progress,
                    compile,
                    compileTraining);
            step.trainer().train(session);
            phases.addAll(session.records());
            figures.putAll(session.figures());
            notes.addAll(session.notes());
        }
        check(network, chain);
        return new Result(phases, figures, notes);
    }

    /** One sentence, if there are classes that no trainer can learn; a limit on a dataset that is sorted by class has that effect. */
    private static List<String> absentClasses(DataSplits splits) {
        int[] counts = splits.training().classCounts();
        List<String> absent = IntStream.range(0, counts.length)
                .filter(label -> counts[label] == 0)
                .mapToObj(splits.dataset().classNames()::get)
                .toList();
        return absent.isEmpty()
                ? List.of()
                : List.of("data: none of the " + splits.training().size() + " training samples is of "
                        + String.join(", ", absent) + "; data.train takes the first ones of the file");
    }

    private static void check(Network network, List<Step> chain) {
        List<String> names = chain.stream().map(Step::name).toList();
        for (int exit = 1; exit < network.exits(); exit++) {
            if (!network.has(exit, HeadOutput.LOGITS)) {
                throw new TrainingException("the trainers " + names + " leave exit " + exit
                        + " without logits; put one that trains classifiers first, such as joint or heads-only");
            }
        }
        for (Map.Entry<String, Parameter> entry : network.parametersByName().entrySet()) {
            try (NDArray sizes = entry.getValue().getArray().abs();
                    NDArray sum = sizes.sum()) {
                if (!Float.isFinite(sum.getFloat())) {
                    throw new TrainingException(
                            "the trainers " + names + " left a value that is not finite in " + entry.getKey());
                }
            }
        }
    }
}
