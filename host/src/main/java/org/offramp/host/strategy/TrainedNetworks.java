package org.offramp.host.strategy;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.offramp.api.Backbone;
import org.offramp.api.Evidence;
import org.offramp.host.config.RunConfig;
import org.offramp.host.config.RunConfig.Strategy;
import org.offramp.host.config.RunConfig.TrainerChoice;
import org.offramp.host.data.Batches;
import org.offramp.host.data.DataSplits;
import org.offramp.host.data.Hashes;
import org.offramp.host.data.SampleSet;
import org.offramp.host.data.TestPerturbation;
import org.offramp.host.inference.CompiledStages;
import org.offramp.host.inference.EarlyExitRunner;
import org.offramp.host.inference.StageRunner;
import org.offramp.host.inference.Traces;
import org.offramp.host.network.Network;
import org.offramp.host.training.Progress;
import org.offramp.host.training.Seeds;
import org.offramp.host.training.Training;

/** The networks of one seed, each trained once however many strategies use it, with their traces. */
public final class TrainedNetworks implements AutoCloseable {
    private static final int PROBE = 8;

    private final RunConfig config;
    private final DataSplits splits;
    private final long seed;
    private final Path work;
    private final Progress progress;
    private final Map<String, Trained> networks = new LinkedHashMap<>();
    private final Map<TestPerturbation, SampleSet> perturbed = new LinkedHashMap<>();

    /**
     * The networks of a run and a seed.
     *
     * @param config the configuration
     * @param splits the samples
     * @param seed the seed
     * @param work where checkpoints are kept
     * @param progress shows how far training is
     */
    public TrainedNetworks(RunConfig config, DataSplits splits, long seed, Path work, Progress progress) {
        this.config = config;
        this.splits = splits;
        this.seed = seed;
        this.work = work;
        this.progress = progress;
    }

    /** A trained network with what is computed on it once. */
    public static final class Trained {
        private final Network network;
        private final Training.Result training;
        private final StageRunner stages;
        private final EarlyExitRunner runner;
        private final String execution;
        private final Evidence calibration;
        private final Map<SampleSet, Evidence> tests = new LinkedHashMap<>();
        private final int batch;

        Trained(Network network, Training.Result training, SampleSet calibration, RunConfig.Execution how) {
            this.network = network;
            this.training = training;
            this.batch = how.batch();
            if (how.compile()) {
                CompiledStages compiled = compile(network, calibration);
                this.stages = compiled;
                this.execution = compiled.describe(network.exits()) + trained(training);
            } else {
                this.stages = StageRunner.opByOp(network);
                this.execution = "op by op" + trained(training);
            }
            this.runner = new EarlyExitRunner(network.plan(), stages);
            this.calibration = Traces.compute(runner, calibration, batch);
        }

        private static String trained(Training.Result training) {
            String way = training.execution();
            return way.isEmpty() ? "" : ", trained " + way;
        }

        private static CompiledStages compile(Network network, SampleSet samples) {
            try (NDManager manager = NDManager.newBaseManager()) {
                int[] some = IntStream.range(0, Math.min(PROBE, samples.size())).toArray();
                return CompiledStages.compile(network, Batches.read(manager, samples, some));
            }
        }

        /** The network. */
        public Network network() {
            return network;
        }

        /** What training did. */
        public Training.Result training() {
            return training;
        }

        /** Runs its stages. */
        public StageRunner stages() {
            return stages;
        }

        /** Answers with early exits. */
        public EarlyExitRunner runner() {
            return runner;
        }

        /** Whether its stages run compiled, and were trained so. */
        public String execution() {
            return execution;
        }

        /** The evidence of every exit for every calibration sample. */
        public Evidence calibration() {
            return calibration;
        }

        /**
         * The evidence of every exit for every test sample, computed once.
         *
         * @param test the opened test split
         */
        public Evidence test(SampleSet test) {
            return tests.computeIfAbsent(test, split -> Traces.compute(runner, split, batch));
        }
    }

    /**
     * The network of a strategy, trained now or earlier.
     *
     * @param strategy the strategy
     * @throws org.offramp.api.TrainingException if it cannot be trained
     */
    public Trained of(Strategy strategy) {
        String key = key(strategy, strategy.trainers().size());
        Trained known = networks.get(key);
        if (known == null) {
            known = train(strategy);
            networks.put(key, known);
        }
        return known;
    }

    /**
     * The run's perturbations of the test split, the same objects for every strategy, so that each network is traced on them once.
     *
     * @param test the opened test split
     */
    public Map<TestPerturbation, SampleSet> perturbed(SampleSet test) {
        for (RunConfig.Perturbed kind : config.robustness().perturbations()) {
            for (double strength : kind.strengths()) {
                perturbed.computeIfAbsent(new TestPerturbation(kind.kind(), strength), test::perturbed);
            }
        }
        return perturbed;
    }

    private Trained train(Strategy strategy) {
        Shape shape = splits.dataset().sampleShape();
        Backbone backbone = strategy.backbone()
                .create()
                .apply(shape, splits.dataset().classNames().size());
        List<Integer> exits = Fit.exits(strategy, backbone.stages().size());
        Network network = Network.assemble(backbone, exits, Seeds.mix(seed, 0));
        List<Training.Step> chain = new ArrayList<>();
        for (int i = 0; i < strategy.trainers().size(); i++) {
            TrainerChoice trainer = strategy.trainers().get(i);
            chain.add(new Training.Step(
                    trainer.name(),
                    trainer.create().get(),
                    trainer.capabilities(),
                    work.resolve(key(strategy, i + 1))));
        }
        try {
            Training.Result result = Training.run(
                    network,
                    splits,
                    chain,
                    seed,
                    progress,
                    config.execution().compile(),
                    config.execution().compileTraining());
            Map<String, Double> figures = new LinkedHashMap<>(result.figures());
            network.backboneFigures().forEach((name, value) -> figures.put("backbone/" + name, value));
            result = new Training.Result(result.phases(), figures, result.notes());
            return new Trained(network, result, splits.calibration(), config.execution());
        } catch (RuntimeException e) {
            network.close();
            throw e;
        }
    }

    /** Everything that the first trainers' result depends on, hashed. */
    private String key(Strategy strategy, int trainers) {
        StringBuilder text = new StringBuilder();
        for (String section : List.of("data", "splits", "normalize")) {
            text.append(config.resolved().get(section)).append('\n');
        }
        RunConfig.Execution how = config.execution();
        text.append(seed).append('\n').append(how.threads()).append('\n');
        // Compiled stages give the same but for the last digits; training goes on from those.
        text.append(how.compile()).append(how.compileTraining()).append('\n');
        JsonNode resolved = strategy.resolved();
        text.append(resolved.get("backbone")).append('\n');
        for (int i = 0; i < trainers; i++) {
            text.append(resolved.get("trainers").get(i)).append('\n');
        }
        return Hashes.sha256(text.toString().getBytes(StandardCharsets.UTF_8)).substring(0, 24);
    }

    /**
     * Deletes checkpoints that a finished run needs no more.
     *
     * @param work where they are
     */
    public static void discard(Path work) {
        if (!Files.isDirectory(work)) {
            return;
        }
        try (var paths = Files.walk(work)) {
            for (Path path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete the checkpoints in " + work, e);
        }
    }

    @Override
    public void close() {
        networks.values().forEach(trained -> {
            if (trained.stages instanceof CompiledStages compiled) {
                compiled.close();
            }
            trained.network.close();
        });
        networks.clear();
    }
}
