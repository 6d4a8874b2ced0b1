package org.offramp.host.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Blocks;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.pooling.Pool;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.offramp.api.Capability;
import org.offramp.api.Evidence;
import org.offramp.api.Head;
import org.offramp.api.HeadOutput;
import org.offramp.api.NetworkView;
import org.offramp.api.Part;
import org.offramp.api.Phase;
import org.offramp.api.Samples;
import org.offramp.api.TrainingException;
import org.offramp.api.TrainingSession;
import org.offramp.host.data.Batches;
import org.offramp.host.data.SampleSet;
import org.offramp.host.inference.CompiledStages;
import org.offramp.host.inference.StageRunner;
import org.offramp.host.network.EvidenceReader;
import org.offramp.host.network.Network;

/** What one trainer of a chain is lent. */
final class Session implements TrainingSession {
    private static final int PASS_BATCH = 256;
    private static final int HEAD_SIDE = 4;

    private final Network network;
    private final SampleSet training;
    private final SampleSet validation;
    private final SampleSet unlabelled;
    private final String trainer;
    private final Set<Capability> capabilities;
    private final long seed;
    private final Checkpoints checkpoints;
    private final Progress progress;
    private final boolean compile;
    private final WhenToCompile compileTraining;
    private final RandomGenerator random;
    private final List<PhaseRecord> records = new ArrayList<>();
    private final Map<String, Double> figures = new LinkedHashMap<>();
    private final List<String> notes = new ArrayList<>();
    private int attached;

    Session(
            Network network,
            SampleSet training,
            SampleSet validation,
            SampleSet unlabelled,
            String trainer,
            Set<Capability> capabilities,
            long seed,
            Path directory,
            Progress progress,
            boolean compile,
            WhenToCompile compileTraining) {
        this.network = network;
        this.training = training;
        this.validation = validation;
        this.unlabelled = unlabelled;
        this.trainer = trainer;
        this.capabilities = capabilities;
        this.seed = seed;
        this.checkpoints = new Checkpoints(directory);
        this.progress = progress;
        this.compile = compile;
        this.compileTraining = compileTraining;
        this.random = Batches.random(seed);
    }

    List<PhaseRecord> records() {
        return records;
    }

    Map<String, Double> figures() {
        return figures;
    }

    List<String> notes() {
        return notes;
    }

    @Override
    public NetworkView network() {
        return network;
    }

    @Override
    public Samples training() {
        return training;
    }

    @Override
    public Samples validation() {
        return validation;
    }

    @Override
    public Samples unlabelled() {
        return unlabelled;
    }

    @Override
    public RandomGenerator random() {
        return random;
    }

    @Override
    public void attach(Head head) {
        network.attach(head, Seeds.mix(seed, 1_000 + attached++));
    }

    @Override
    public void detach(int exit, HeadOutput output) {
        network.detach(exit, output);
    }

    @Override
    public void set(Part part, float[] values) {
        requireDeclared("the values set", Set.of(part));
        network.set(part, values);
    }

    @Override
    public void attachClassifiers() {
        for (int exit = 1; exit < network.exits(); exit++) {
            if (!network.has(exit, HeadOutput.LOGITS)) {
                attach(new Head(exit, HeadOutput.LOGITS, classifier(exit)));
            }
        }
    }

    /** Maps are averaged to at most 4 × 4 positions (as SDN 2019 reduces them), sequences to one, then a linear layer follows. */
    private SequentialBlock classifier(int exit) {
        Shape shape = network.activationShape(exit);
        SequentialBlock block = new SequentialBlock();
        switch (shape.dimension()) {
            case 1 -> {}
            case 2 -> block.add(Pool.globalAvgPool1dBlock()).add(Blocks.batchFlattenBlock());
            case 3 -> {
                long height = Math.max(1, shape.get(1) / HEAD_SIDE);
                long width = Math.max(1, shape.get(2) / HEAD_SIDE);
                if (height > 1 || width > 1) {
                    block.add(Pool.avgPool2dBlock(new Shape(height, width), new Shape(height, width)));
                }
                block.add(Blocks.batchFlattenBlock());
            }
            default ->
                throw new TrainingException("trainer '" + trainer + "': the activation at exit " + exit
                        + " has the shape " + shape + "; the usual classifier takes 1 to 3 dimensions");
        }
        return block.add(Linear.builder().setUnits(network.classes()).build());
    }

    @Override
    public PhaseReport fit(Phase phase) {
        requireDeclared("phase '" + trainer + "/" + phase.name() + "'", phase.trainable());
        int number = records.size() + 1;
        String name = trainer + "/" + phase.name();
        PhaseRecord record = checkpoints.finished(number, network).orElseGet(() -> {
            PhaseRecord done = new PhaseLoop(
                            network,
                            phase,
                            validation,
                            name,
                            number,
                            Seeds.mix(seed, number),
                            checkpoints,
                            progress,
                            compile,
                            compileTraining)
                    .run();
            checkpoints.finish(number, network, done);
            return done;
        });
        records.add(record);
        return record.report();
    }

    private void requireDeclared(String what, Set<Part> parts) {
        if (capabilities.contains(Capability.TRAINS_BACKBONE)) {
            return;
        }
        parts.stream()
                .filter(Part.OfStage.class::isInstance)
                .map(part -> ((Part.OfStage) part).exit())
                .sorted()
                .findFirst()
                .ifPresent(stage -> {
                    throw new TrainingException(what + " trains stage " + stage + " of the backbone, but the trainer '"
                            + trainer + "' does not declare TRAINS_BACKBONE");
                });
    }

    @Override
    public Samples select(Samples samples, int throughExit, Selector selector) {
        SampleSet set = (SampleSet) samples;
        boolean[] kept = new boolean[set.size()];
        int[] at = {0};
        reduce(samples, throughExit, (activations, evidence, labels) -> {
            boolean[] keep = selector.keep(evidence, labels);
            System.arraycopy(keep, 0, kept, at[0], labels.length);
            at[0] += labels.length;
        });
        return set.keep(kept);
    }

    @Override
    public void reduce(Samples samples, int throughExit, Accumulator accumulator) {
        SampleSet set = (SampleSet) samples;
        int number = records.size() + 1;
        long begin = System.nanoTime();
        try (Stages stages = new Stages(set);
                Progress.Task task = progress.begin(trainer + "/pass", (set.size() + PASS_BATCH - 1) / PASS_BATCH)) {
            for (int from = 0; from < set.size(); from += PASS_BATCH) {
                int[] positions = IntStream.range(from, Math.min(from + PASS_BATCH, set.size()))
                        .toArray();
                try (NDManager scope = network.manager().newSubManager()) {
                    pass(scope, stages.runner, set, positions, throughExit, accumulator);
                }
                task.step("");
                if (Thread.currentThread().isInterrupted()) {
                    throw new TrainingException(
                            "a pass of trainer '" + trainer + "' was interrupted; --resume makes it again");
                }
            }
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        // A pass is made again when a run resumes; the time of the first one counts.
        double first = checkpoints.remembered("pass-" + number, Double.class, () -> seconds);
        long macs = 0;
        for (int exit = 1; exit <= throughExit; exit++) {
            macs += network.stageMacs(exit) + network.headMacs(exit);
        }
        records.add(new PhaseRecord(trainer + "/pass", set.size(), 1, 0, macs * set.size(), 0, 0, first, 0, ""));
    }

    /** The network's stages, compiled where the pass is long enough for it to pay. */
    private final class Stages implements AutoCloseable {
        private final StageRunner runner;

        Stages(SampleSet set) {
            if (!compile || set.size() < PhaseLoop.LEAST_TO_COMPILE) {
                runner = StageRunner.opByOp(network);
                return;
            }
            try (NDManager scope = network.manager().newSubManager()) {
                runner = CompiledStages.compile(network, Batches.read(scope, set, new int[] {0, 1, 2}));
            }
        }

        @Override
        public void close() {
            if (runner instanceof CompiledStages compiled) {
                compiled.close();
            }
        }
    }

    private void pass(
            NDManager scope,
            StageRunner runner,
            SampleSet set,
            int[] positions,
            int throughExit,
            Accumulator accumulator) {
        NDList activations = new NDList();
        NDArray activation = Batches.read(scope, set, positions);
        List<Map<HeadOutput, NDArray>> outputs = new ArrayList<>();
        Map<Head.Input, NDArray> known = new HashMap<>();
        for (int exit = 1; exit <= throughExit; exit++) {
            NDList inputs = new NDList(activation);
            network.earlierInputs(exit).forEach(input -> inputs.add(known.get(input)));
            NDList result = runner.run(exit, inputs);
            activation = result.get(0);
            activations.add(activation);
            outputs.add(EvidenceReader.name(network.outputs(exit), result));
            for (Map.Entry<HeadOutput, NDArray> output : outputs.get(exit - 1).entrySet()) {
                known.put(new Head.Input(exit, output.getKey()), output.getValue());
            }
        }
        Evidence evidence = EvidenceReader.read(network.exits(), outputs, positions.length);
        int[] labels = Arrays.stream(positions).map(set::label).toArray();
        accumulator.accept(activations, evidence, labels);
    }

    @Override
    public void report(String name, double value) {
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("the figure '" + name + "' of trainer '" + trainer + "' is " + value);
        }
        figures.put(trainer + "/" + name, value);
    }

    @Override
    public void note(String sentence) {
        notes.add(trainer + ": " + sentence);
        progress.say(trainer + ": " + sentence);
    }
}
