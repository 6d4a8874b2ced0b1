package org.offramp.host.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Parameter;
import ai.djl.training.GradientCollector;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.offramp.api.Head;
import org.offramp.api.Part;
import org.offramp.api.Perturbation;
import org.offramp.api.Phase;
import org.offramp.api.TrainingException;
import org.offramp.host.data.Batches;
import org.offramp.host.data.SampleSet;
import org.offramp.host.network.Network;

/** Runs one phase: epochs, steps, early stopping, checkpoints, and the count of what it cost. */
final class PhaseLoop {
    static final int LEAST_TO_COMPILE = 1_000;
    private static final int LEAST_TO_TRAIN_COMPILED = 4_000;
    private static final int PROBE = 4;
    private static final int[] NONE = {};

    private final Network network;
    private final Phase phase;
    private final SampleSet samples;
    private final SampleSet validation;
    private final String name;
    private final int number;
    private final long seed;
    private final Checkpoints checkpoints;
    private final Progress progress;
    private final Predicate<Part> trained;
    private final boolean compile;
    private final WhenToCompile compileTraining;
    private @Nullable FrozenStages frozen;
    private @Nullable StoredActivations stored;
    private @Nullable StoredActivations storedValidation;
    private @Nullable TrainedStages compiled;
    private long macsPerSample;
    private long validationMacsPerSample;
    private long macsOncePerSample;
    private int keptThrough;

    PhaseLoop(
            Network network,
            Phase phase,
            SampleSet validation,
            String name,
            int number,
            long seed,
            Checkpoints checkpoints,
            Progress progress,
            boolean compile,
            WhenToCompile compileTraining) {
        this.network = network;
        this.phase = phase;
        this.samples = (SampleSet) phase.samples();
        this.validation = validation;
        this.name = name;
        this.number = number;
        this.seed = seed;
        this.checkpoints = checkpoints;
        this.progress = progress;
        this.trained = phase.trainable()::contains;
        this.compile = compile;
        this.compileTraining = compileTraining;
    }

    PhaseRecord run() {
        if (samples.size() == 0) {
            throw new TrainingException("phase '" + name + "' has no samples to train on");
        }
        if (phase.patience() > 0 && validation.size() == 0) {
            throw new TrainingException("phase '" + name + "' has patience " + phase.patience()
                    + " but the validation split is empty: set splits.validation above 0, or patience to 0");
        }
        Map<String, Parameter> parameters = network.trainable(trained);
        if (parameters.isEmpty()) {
            throw new TrainingException("phase '" + name + "' names no trainable parameter: " + phase.trainable());
        }
        long stepsPerEpoch = (samples.size() + phase.batchSize() - 1L) / phase.batchSize();
        parameters.values().forEach(parameter -> parameter.freeze(false));
        try (ParameterUpdates updates = new ParameterUpdates(
                        phase.optimization(), parameters, stepsPerEpoch * phase.epochs(), network.manager());
                Progress.Task task = progress.begin(name, stepsPerEpoch * phase.epochs())) {
            freezeStages();
            countMacs();
            compileStages();
            return run(updates, stepsPerEpoch, task);
        } finally {
            if (frozen != null) {
                frozen.close();
            }
            if (stored != null) {
                stored.close();
            }
            if (storedValidation != null) {
                storedValidation.close();
            }
            if (compiled != null) {
                compiled.close();
            }
            parameters.values().forEach(parameter -> parameter.freeze(true));
        }
    }

    /** Compiles the stages before the first one that is trained, where that pays. */
    private void freezeStages() {
        int last = 0;
        while (last < phase.throughExit() && !trained.test(new Part.OfStage(last + 1))) {
            last++;
        }
        if (compile && last > 0 && samples.size() >= LEAST_TO_COMPILE) {
            try (NDManager scope = network.manager().newSubManager()) {
                int[] some = {0, 1, 2};
                frozen = FrozenStages.compile(network, last, Batches.read(scope, samples, some))
                        .orElse(null);
            }
        }
    }

    /** Compiles the stages that gradients flow through, where that pays. */
    private void compileStages() {
        boolean pays = compile && samples.size() * (long) phase.epochs() >= LEAST_TO_TRAIN_COMPILED;
        boolean wanted = compileTraining == WhenToCompile.ALWAYS || (compileTraining == WhenToCompile.AUTO && pays);
        if (wanted && samples.size() > 1) {
            try (NDManager scope = network.manager().newSubManager()) {
                int[] some = IntStream.range(0, Math.min(PROBE, samples.size())).toArray();
                compiled = TrainedStages.compile(
                        network, trained, phase.throughExit(), compileTraining, Batches.read(scope, samples, some));
            }
        }
    }

    private PhaseRecord run(ParameterUpdates updates, long stepsPerEpoch, Progress.Task task) {
        Checkpoints.EpochState state = checkpoints
                .underWay(number, network, updates)
                .orElse(new Checkpoints.EpochState(0, 0, 0, Double.MAX_VALUE, 0, false, 0));
        while (state.epochs() < phase.epochs() && !state.stopped()) {
            long begin = System.nanoTime();
            double loss = epoch(state.epochs(), updates, stepsPerEpoch, task);
            double best = state.bestValidationLoss();
            int sinceBest = 0;
            if (phase.patience() > 0) {
                double validationLoss = validationLoss((state.epochs() + 1.0) / phase.epochs());
                if (validationLoss < best) {
                    best = validationLoss;
                    checkpoints.keepBest(number, network);
                } else {
                    sinceBest = state.epochsSinceBest() + 1;
                }
            }
            state = new Checkpoints.EpochState(
                    state.epochs() + 1,
                    state.steps() + stepsPerEpoch,
                    loss,
                    best,
                    sinceBest,
                    phase.patience() > 0 && sinceBest >= phase.patience(),
                    state.seconds() + (System.nanoTime() - begin) / 1e9);
            if (state.epochs() < phase.epochs() && !state.stopped()) {
                checkpoints.epochDone(number, network, updates, state);
            }
        }
        if (phase.patience() > 0) {
            checkpoints.restoreBest(number, network);
        }
        return new PhaseRecord(
                name,
                samples.size(),
                state.epochs(),
                state.steps(),
                state.epochs()
                                * (macsPerSample * (samples.size() + unlabelledPerEpoch(stepsPerEpoch))
                                        + (phase.patience() > 0 ? validationMacsPerSample * validation.size() : 0))
                        + macsOncePerSample * (samples.size() + (phase.patience() > 0 ? validation.size() : 0)),
                state.trainingLoss(),
                phase.patience() > 0 ? state.bestValidationLoss() : 0,
                state.seconds(),
                keptThrough,
                compiled == null ? PhaseRecord.OP_BY_OP : compiled.describe());
    }

    private long unlabelledPerEpoch(long stepsPerEpoch) {
        return stepsPerEpoch * phase.unlabelled().map(Phase.Unlabelled::perStep).orElse(0);
    }

    private double epoch(int epoch, ParameterUpdates updates, long stepsPerEpoch, Progress.Task task) {
        long epochSeed = Seeds.mix(seed, epoch);
        network.manager().getEngine().setRandomSeed((int) (epochSeed & 0x7fffffff));
        int[] order = shuffled(samples.size(), Batches.random(epochSeed));
        int[] without = phase.unlabelled()
                .map(others -> shuffled(others.samples().size(), Batches.random(Seeds.mix(epochSeed, 3))))
                .orElse(NONE);
        double total = 0;
        for (int from = 0, step = 0; from < order.length; from += phase.batchSize(), step++) {
            int[] positions =
                    java.util.Arrays.copyOfRange(order, from, Math.min(from + phase.batchSize(), order.length));
            double done = (epoch * (double) stepsPerEpoch + step) / (stepsPerEpoch * (double) phase.epochs());
            double loss = step(positions, others(step, without), epochSeed, done);
            if (!Double.isFinite(loss)) {
                throw new TrainingException("phase '" + name + "': the loss is " + loss + " in epoch " + (epoch + 1)
                        + ", step " + (step + 1) + "; a lower optimization.learning-rate usually helps");
            }
            updates.apply();
            total += loss * positions.length;
            task.step(String.format(
                    Locale.ROOT,
                    "epoch %d/%d, %,d samples, loss %.4f",
                    epoch + 1,
                    phase.epochs(),
                    samples.size(),
                    loss));
            if (Thread.currentThread().isInterrupted()) {
                throw new TrainingException(
                        "phase '" + name + "' was interrupted; --resume goes on from epoch " + epoch);
            }
        }
        return total / order.length;
    }

    /** The unlabelled samples of a step. */
    private int[] others(int step, int[] order) {
        int perStep = phase.unlabelled().map(Phase.Unlabelled::perStep).orElse(0);
        return IntStream.range(0, perStep)
                .map(i -> order[(int) ((step * (long) perStep + i) % order.length)])
                .toArray();
    }

    private double step(int[] positions, int[] others, long epochSeed, double done) {
        try (StepMemory memory = new StepMemory();
                NDManager scope = network.manager().newSubManager()) {
            memory.suppressNotUsedWarning();
            NDArray clean =
                    Batches.read(scope, samples, positions, phase.augmentation().orElse(null), Seeds.mix(epochSeed, 1));
            LossBatch batch = batch(scope, samples, positions, others, clean, epochSeed, trained, compiled, done);
            double value;
            try (GradientCollector collector = network.manager().getEngine().newGradientCollector()) {
                NDArray loss = phase.loss().of(batch);
                if (compiled == null) {
                    collector.backward(loss);
                } else {
                    compiled.backward(collector, loss);
                }
                value = loss.getFloat();
            }
            return value;
        }
    }

    private LossBatch batch(
            NDManager scope,
            SampleSet from,
            int[] positions,
            int[] others,
            NDArray clean,
            long epochSeed,
            Predicate<Part> parts,
            @Nullable TrainedStages stages,
            double done) {
        NDArray labels = Batches.labels(scope, from, positions);
        NDArray input = clean;
        if (others.length > 0) {
            input = input.concat(
                    unlabelled(scope, others, phase.augmentation().orElse(null), Seeds.mix(epochSeed, 4)), 0);
        }
        if (phase.perturbation().isPresent()) {
            Perturbation view = phase.perturbation().get();
            input = input.concat(Batches.read(scope, from, positions, view, Seeds.mix(epochSeed, 2)), 0);
            if (others.length > 0) {
                input = input.concat(unlabelled(scope, others, view, Seeds.mix(epochSeed, 5)), 0);
            }
        }
        return new LossBatch(
                network,
                parts,
                frozen,
                known(from, scope, positions),
                stages,
                phase.throughExit(),
                input,
                labels,
                others.length,
                phase.perturbation().isPresent(),
                done);
    }

    private NDArray unlabelled(NDManager scope, int[] others, @Nullable Perturbation view, long viewSeed) {
        SampleSet from = (SampleSet) phase.unlabelled().orElseThrow().samples();
        return Batches.read(scope, from, others, view, viewSeed);
    }

    private LossBatch.Known known(SampleSet from, NDManager scope, int[] positions) {
        StoredActivations kept = from == samples ? stored : storedValidation;
        return kept == null ? LossBatch.Known.NOTHING : kept.of(scope, positions);
    }

    private double validationLoss(double done) {
        double total = 0;
        for (int from = 0; from < validation.size(); from += phase.batchSize()) {
            int[] positions = IntStream.range(from, Math.min(from + phase.batchSize(), validation.size()))
                    .toArray();
            try (StepMemory memory = new StepMemory();
                    NDManager scope = network.manager().newSubManager()) {
                memory.suppressNotUsedWarning();
                NDArray clean = Batches.read(scope, validation, positions);
                LossBatch batch = batch(
                        scope, validation, positions, NONE, clean, Seeds.mix(seed, -1), part -> false, null, done);
                total += (double) phase.loss().of(batch).getFloat() * positions.length;
            }
        }
        return total / validation.size();
    }

    /**
     * Counts one sample's MACs by looking at what the loss evaluates: forward 1; backward 2 where the part is trained, 1 where a
     * gradient only passes through, 0 before the first trained part.
     */
    private void countMacs() {
        LossBatch batch;
        try (NDManager scope = network.manager().newSubManager()) {
            int[] positions = {0};
            NDArray sample = Batches.read(scope, samples, positions);
            batch = batch(scope, samples, positions, NONE, sample, seed, part -> false, null, 0);
            phase.loss().of(batch).close();
        }
        long views = phase.perturbation().isPresent() ? 2 : 1;
        boolean gradientBelow = false;
        long training = 0;
        long forward = 0;
        for (int exit = 1; exit <= batch.stagesEvaluated(); exit++) {
            boolean stageTrained = trained.test(new Part.OfStage(exit));
            training += passes(stageTrained, gradientBelow) * network.stageMacs(exit);
            forward += network.stageMacs(exit);
            gradientBelow |= stageTrained;
            for (Head head : batch.headsEvaluated()) {
                if (head.exit() == exit) {
                    boolean headTrained = trained.test(new Part.OfHead(exit, head.output()));
                    training += passes(headTrained, gradientBelow) * network.macsOf(head);
                    forward += network.macsOf(head);
                }
            }
        }
        macsPerSample = training * views;
        validationMacsPerSample = forward * views;
        int trunk = 0;
        while (trunk < batch.stagesEvaluated() && !trained.test(new Part.OfStage(trunk + 1))) {
            trunk++;
        }
        if (keep(batch, trunk)) {
            keptThrough = trunk;
            for (int exit = 1; exit <= trunk; exit++) {
                macsOncePerSample += network.stageMacs(exit);
            }
            macsPerSample -= macsOncePerSample;
            validationMacsPerSample -= macsOncePerSample;
        }
    }

    /**
     * Keeps what the frozen first stages give where every epoch would compute the same: to the heads on them, and to the first stage that is
     * trained.
     */
    private boolean keep(LossBatch batch, int trunk) {
        boolean same = phase.augmentation().isEmpty()
                && phase.perturbation().isEmpty()
                && phase.unlabelled().isEmpty();
        boolean goesOn = trunk < batch.stagesEvaluated();
        List<Head> heads = batch.headsEvaluated().stream()
                .filter(head -> head.exit() <= trunk)
                .toList();
        boolean pays = goesOn ? phase.epochs() > 1 : !heads.isEmpty();
        if (!phase.keepFrozen() || trunk == 0 || !same || !pays) {
            return false;
        }
        List<StoredActivations.Wanted> wanted =
                new ArrayList<>(heads.stream().map(StoredActivations.Wanted::of).toList());
        if (goesOn || trunk == network.exits()) {
            wanted.add(StoredActivations.Wanted.activation(trunk));
        }
        Optional<StoredActivations> training = open(wanted, samples);
        Optional<StoredActivations> other = phase.patience() > 0 ? open(wanted, validation) : Optional.empty();
        if (training.isEmpty() || (phase.patience() > 0 && other.isEmpty())) {
            training.ifPresent(StoredActivations::close);
            return false;
        }
        stored = training.get();
        storedValidation = other.orElse(null);
        return true;
    }

    private Optional<StoredActivations> open(List<StoredActivations.Wanted> wanted, SampleSet of) {
        return StoredActivations.open(
                network,
                (exit, activation) -> frozen != null && exit <= frozen.last()
                        ? frozen.forward(exit, activation)
                        : network.forwardStage(network.parameters(), exit, activation, false),
                wanted,
                of,
                checkpoints.shared("activations"));
    }

    private static long passes(boolean trainedHere, boolean gradientBelow) {
        return trainedHere ? 3 : gradientBelow ? 2 : 1;
    }

    private static int[] shuffled(int size, RandomGenerator random) {
        int[] order = IntStream.range(0, size).toArray();
        for (int i = size - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int swapped = order[i];
            order[i] = order[j];
            order[j] = swapped;
        }
        return order;
    }
}
