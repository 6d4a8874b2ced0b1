package org.offramp.host.leaderboard;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.offramp.api.DataSource;
import org.offramp.api.Dataset;
import org.offramp.api.Evidence;
import org.offramp.api.ExitPolicy;
import org.offramp.api.ExitScores;
import org.offramp.api.FloatMatrix;
import org.offramp.api.PolicyState;
import org.offramp.api.TrainingException;
import org.offramp.host.calibration.Goal;
import org.offramp.host.calibration.ScoredTrace;
import org.offramp.host.calibration.Thresholds;
import org.offramp.host.config.ConfigurationException;
import org.offramp.host.config.RunConfig;
import org.offramp.host.config.RunConfig.Calibrate;
import org.offramp.host.config.RunConfig.Control;
import org.offramp.host.config.RunConfig.Strategy;
import org.offramp.host.data.Batches;
import org.offramp.host.data.DataSplits;
import org.offramp.host.data.Hashes;
import org.offramp.host.data.SampleSet;
import org.offramp.host.inference.Answers;
import org.offramp.host.inference.ExitRule;
import org.offramp.host.inference.InferenceException;
import org.offramp.host.metrics.Outcomes;
import org.offramp.host.metrics.Overthinking;
import org.offramp.host.strategy.Fit;
import org.offramp.host.strategy.SealedStrategy;
import org.offramp.host.strategy.TrainedNetworks;
import org.offramp.host.training.Progress;

/**
 * Runs every strategy with every seed. For each seed all networks are trained and all thresholds sealed first; only then is the test
 * split opened, traced and answered with real early exits.
 */
public final class Leaderboard {
    private static final int FORMAT = 2;
    private static final double BORDER = 1e-5;
    private static final ExitPolicy MOST_PROBABLE = evidence -> {
        FloatMatrix probabilities = evidence.logits().softmax();
        return ExitScores.ofProbabilities(probabilities, row -> probabilities.get(row, probabilities.argMax(row)));
    };

    private final RunConfig config;
    private final Path output;
    private final SortedMap<String, String> versions;
    private final Progress progress;
    private final boolean timed;

    /**
     * A run.
     *
     * @param config the configuration
     * @param output the folder for board, records and checkpoints
     * @param versions what takes part, for the records
     * @param progress shows how far it is
     * @param timed whether to measure the clock; records do not depend on it
     */
    public Leaderboard(
            RunConfig config, Path output, SortedMap<String, String> versions, Progress progress, boolean timed) {
        this.config = config;
        this.output = output;
        this.versions = versions;
        this.progress = progress;
        this.timed = timed;
    }

    /**
     * Runs what is not finished and writes the board.
     *
     * @param source where the dataset's files come from
     * @param resume whether to go on in a folder that holds this run already
     * @return the board's rows, failures included
     * @throws ConfigurationException if the folder holds another run, or this one and it is not to be resumed
     */
    public List<BoardRow> run(DataSource source, boolean resume) {
        Dataset dataset = config.data().open().apply(source);
        Fit.check(config, dataset);
        // Whatever is wrong with the data shows here, before anything is written.
        Map<Long, DataSplits> splits = new LinkedHashMap<>();
        config.seeds().forEach(seed -> splits.put(seed, config.split(dataset, seed)));
        claim(resume);
        List<BoardRow> rows = new ArrayList<>();
        splits.forEach((seed, divided) -> rows.addAll(run(divided, seed)));
        BoardWriter.write(output, config, rows, progress);
        TrainedNetworks.discard(output.resolve("work"));
        return rows;
    }

    private void claim(boolean resume) {
        Path marker = output.resolve("run.json");
        try {
            byte[] mine = RunRecordStore.JSON.writeValueAsBytes(config.resolved());
            if (Files.exists(marker)) {
                if (!Arrays.equals(mine, Files.readAllBytes(marker))) {
                    throw new ConfigurationException(
                            List.of("-o " + output + ": the folder holds another run; choose an empty one"));
                }
                if (!resume) {
                    throw new ConfigurationException(
                            List.of("-o " + output + ": the folder holds this run already; --resume goes on with it"));
                }
                return;
            }
            if (Files.isDirectory(output)) {
                try (var entries = Files.list(output)) {
                    if (entries.findAny().isPresent()) {
                        throw new ConfigurationException(List.of(
                                "-o " + output + ": the folder is not empty and holds no run; choose an empty one"));
                    }
                }
            }
            Files.createDirectories(output);
            RunRecordStore.replace(marker, mine);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot use the folder " + output, e);
        }
    }

    static Path directory(Path output, String strategy, long seed) {
        return output.resolve("records").resolve(strategy).resolve(String.valueOf(seed));
    }

    private Path directory(Strategy strategy, long seed) {
        return directory(output, strategy.name(), seed);
    }

    /** What is decided before test is opened; a control decides nothing. */
    private record Entry(Strategy strategy, @Nullable SealedStrategy sealed) {
        @Nullable
        ExitPolicy policy() {
            return sealed == null ? null : sealed.policy();
        }

        @Nullable
        Thresholds thresholds() {
            return sealed == null ? null : sealed.thresholds();
        }

        PolicyState state() {
            return sealed == null ? PolicyState.EMPTY : sealed.state();
        }
    }

    private List<BoardRow> run(DataSplits splits, long seed) {
        Map<String, BoardRow> rows = new LinkedHashMap<>();
        config.strategies().forEach(strategy -> rows.put(strategy.name(), finished(strategy, seed)));
        if (rows.values().stream().allMatch(BoardRow::finished)) {
            return List.copyOf(rows.values());
        }
        try (TrainedNetworks networks = new TrainedNetworks(config, splits, seed, output.resolve("work"), progress)) {
            List<Entry> sealed = new ArrayList<>();
            for (Strategy strategy : config.strategies()) {
                if (!row(rows, strategy).finished()) {
                    attempt(rows, strategy, seed, () -> sealed.add(seal(strategy, networks, splits, seed)));
                }
            }
            SampleSet test = splits.openTest();
            // A random control looks at another row's exit rates, so it comes last.
            sealed.sort(java.util.Comparator.comparing(entry -> entry.strategy()
                    .control()
                    .map(control -> !control.like().isEmpty())
                    .orElse(false)));
            for (Entry entry : sealed) {
                attempt(
                        rows,
                        entry.strategy(),
                        seed,
                        () -> rows.put(entry.strategy().name(), test(entry, networks, splits, test, seed, rows)));
            }
        }
        return List.copyOf(rows.values());
    }

    private static BoardRow row(Map<String, BoardRow> rows, Strategy strategy) {
        BoardRow row = rows.get(strategy.name());
        if (row == null) {
            throw new IllegalStateException("no row for " + strategy.name());
        }
        return row;
    }

    /** A failure is a row, never dropped. */
    private void attempt(Map<String, BoardRow> rows, Strategy strategy, long seed, Runnable work) {
        try {
            work.run();
        } catch (TrainingException | InferenceException | IllegalArgumentException e) {
            progress.say(strategy.name() + " (seed " + seed + ") failed: " + e.getMessage());
            rows.put(strategy.name(), BoardRow.failed(strategy.name(), seed, String.valueOf(e.getMessage())));
        }
    }

    private BoardRow finished(Strategy strategy, long seed) {
        Path directory = directory(strategy, seed);
        if (!Files.exists(directory.resolve("record.json"))) {
            return BoardRow.failed(strategy.name(), seed, "not run");
        }
        try {
            RunRecord record = RunRecordStore.read(directory);
            Timings timings = RunRecordStore.JSON.readValue(
                    directory.resolve("timings.json").toFile(), Timings.class);
            return BoardRow.of(record, timings);
        } catch (IOException e) {
            throw new UncheckedIOException("a record cannot be used; delete its folder to run it again", e);
        }
    }

    private static Entry seal(Strategy strategy, TrainedNetworks networks, DataSplits splits, long seed) {
        TrainedNetworks.Trained trained = networks.of(strategy);
        if (strategy.control().isPresent()) {
            return new Entry(strategy, null);
        }
        return new Entry(
                strategy,
                SealedStrategy.seal(
                        strategy.policy().orElseThrow(),
                        strategy.calibrate().orElseThrow(),
                        trained,
                        splits.calibration().labels(),
                        seed));
    }

    private BoardRow test(
            Entry sealed,
            TrainedNetworks networks,
            DataSplits splits,
            SampleSet test,
            long seed,
            Map<String, BoardRow> rows) {
        TrainedNetworks.Trained trained = networks.of(sealed.strategy());
        Evidence evidence = trained.test(test);
        ExitPolicy policy = sealed.policy() == null ? MOST_PROBABLE : sealed.policy();
        TestTrace testTrace = TestTrace.of(policy, evidence, test.labels());
        RunRecord.Cost cost = cost(trained);
        ScoredTrace trace = testTrace.scored(cost);
        int[] simulated = sealed.thresholds() == null
                ? plan(sealed.strategy().control().orElseThrow(), testTrace, test, seed, rows)
                : trace.exitsAt(sealed.thresholds().values());
        Stopwatch.RuleOf rule = positions -> sealed.thresholds() == null
                ? ExitRule.plan(Arrays.stream(positions).map(i -> simulated[i]).toArray())
                : ExitRule.of(policy, sealed.thresholds().values());
        Answers answers = live(trained, test, rule);
        RunRecord.Checks checks = compare(trace, answers, simulated, sealed.thresholds());
        progress.say(sealed.strategy().name() + " (seed " + seed + "): tested");
        String[] ids = IntStream.range(0, test.size()).mapToObj(test::id).toArray(String[]::new);
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put(RunRecordStore.SAMPLES, SampleFiles.samples(ids, test.labels(), answers));
        files.put(RunRecordStore.TRACE, SampleFiles.trace(ids, testTrace));
        List<PerturbedSamples> perturbed = new ArrayList<>();
        networks.perturbed(test).forEach((how, samples) -> {
            TestTrace there = TestTrace.of(policy, trained.test(samples), test.labels());
            int[] exits = sealed.thresholds() == null
                    ? plan(sealed.strategy().control().orElseThrow(), there, test, seed, rows)
                    : there.scored(cost).exitsAt(sealed.thresholds().values());
            perturbed.add(PerturbedSamples.of(how.kind().text(), how.strength(), there, exits));
        });
        if (!perturbed.isEmpty()) {
            files.put(RunRecordStore.ROBUSTNESS, PerturbedSamples.csv(ids, perturbed));
        }
        Outcomes outcomes = new Outcomes(test.labels(), answers.exits(), answers.predictions());
        TestFigures.Chosen chosen = TestFigures.choose(
                sealed.sealed() == null ? null : sealed.sealed().calibrator());
        RunRecord.Test figures = TestFigures.of(
                testTrace, outcomes, cost, promise(sealed, outcomes, testTrace.backboneAccuracy(), trace), chosen);
        List<RunRecord.Robustness> robustness =
                perturbed.stream().map(one -> one.figures(cost)).toList();
        RunRecord record = record(
                sealed,
                trained,
                splits,
                seed,
                hashes(splits, test, files),
                test.size(),
                cost,
                figures,
                robustness,
                checks);
        double[] one = {0, 0};
        double[] many = {0, 0};
        if (timed) {
            Stopwatch stopwatch = new Stopwatch(trained.runner(), test);
            one = stopwatch.measure(1, 100, rule);
            many = stopwatch.measure(64, 512, rule);
        }
        Timings timings =
                new Timings(trained.training().seconds(), one[0], one[1], many[0], many[1], trained.execution());
        try {
            RunRecordStore.write(directory(sealed.strategy(), seed), record, timings, files);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot write the record of " + sealed.strategy().name(), e);
        }
        return BoardRow.of(record, timings);
    }

    private static int[] plan(Control control, TestTrace trace, SampleSet test, long seed, Map<String, BoardRow> rows) {
        int[] plan = new int[test.size()];
        switch (control.name()) {
            case FULL -> Arrays.fill(plan, trace.exits().size());
            case STATIC -> Arrays.fill(plan, control.exit());
            case ORACLE -> plan = Overthinking.firstRight(trace.exits());
            case RANDOM -> {
                BoardRow like = rows.get(control.like());
                if (like == null || like.record() == null) {
                    throw new IllegalArgumentException("the strategy '" + control.like() + "' it is to be like failed");
                }
                double[] rates = like.record().test().exitRates();
                if (rates.length != trace.exits().size()) {
                    throw new IllegalArgumentException("the strategy '" + control.like() + "' has " + rates.length
                            + " exits, this one " + trace.exits().size());
                }
                Arrays.setAll(plan, sample -> drawn(rates, DataSplits.hashToUnit(seed + 1, test.id(sample))));
            }
        }
        return plan;
    }

    private static int drawn(double[] rates, double place) {
        double sum = 0;
        for (int exit = 1; exit < rates.length; exit++) {
            sum += rates[exit - 1];
            if (place < sum) {
                return exit;
            }
        }
        return rates.length;
    }

    private Answers live(TrainedNetworks.Trained trained, SampleSet test, Stopwatch.RuleOf rule) {
        int classes = trained.network().classes();
        int[] exits = new int[test.size()];
        int[] predictions = new int[test.size()];
        float[] scores = new float[test.size()];
        float[] probabilities = new float[test.size() * classes];
        float[] logits = new float[test.size() * classes];
        int batch = config.execution().batch();
        try (NDManager manager = NDManager.newBaseManager()) {
            for (int from = 0; from < test.size(); from += batch) {
                int[] positions = IntStream.range(from, Math.min(from + batch, test.size()))
                        .toArray();
                try (NDArray input = Batches.read(manager, test, positions)) {
                    Answers part = trained.runner().run(input, rule.at(positions));
                    System.arraycopy(part.exits(), 0, exits, from, positions.length);
                    System.arraycopy(part.predictions(), 0, predictions, from, positions.length);
                    System.arraycopy(part.scores(), 0, scores, from, positions.length);
                    System.arraycopy(
                            part.probabilities().toArray(),
                            0,
                            probabilities,
                            from * classes,
                            positions.length * classes);
                    System.arraycopy(part.logits().toArray(), 0, logits, from * classes, positions.length * classes);
                }
            }
        }
        return new Answers(
                exits,
                predictions,
                scores,
                FloatMatrix.wrap(probabilities, test.size(), classes),
                FloatMatrix.wrap(logits, test.size(), classes));
    }

    /** The run fails where live and simulated answers differ, unless a score lies at a threshold within the engine's precision. */
    private static RunRecord.Checks compare(
            ScoredTrace trace, Answers answers, int[] simulated, @Nullable Thresholds thresholds) {
        int equal = 0;
        int borderline = 0;
        for (int sample = 0; sample < simulated.length; sample++) {
            int live = answers.exits()[sample];
            boolean same =
                    live == simulated[sample] && answers.predictions()[sample] == trace.predictions()[live - 1][sample];
            if (same) {
                equal++;
            } else if (thresholds != null && atBorder(trace, thresholds, sample, Math.min(live, simulated[sample]))) {
                borderline++;
            } else {
                throw new InferenceException("test sample " + sample + " left at exit " + live
                        + " with early exits, at exit " + simulated[sample] + " in simulation");
            }
        }
        return new RunRecord.Checks(equal, borderline);
    }

    private static boolean atBorder(ScoredTrace trace, Thresholds thresholds, int sample, int exit) {
        if (exit > thresholds.values().length) {
            return false;
        }
        double score = trace.scores()[exit - 1][sample];
        double threshold = thresholds.values()[exit - 1];
        return Math.abs(score - threshold) <= BORDER * Math.max(1, Math.abs(threshold));
    }

    private static SortedMap<String, String> hashes(DataSplits splits, SampleSet test, Map<String, byte[]> files) {
        SortedMap<String, String> hashes = new TreeMap<>();
        hashes.put("train", splits.training().hash());
        hashes.put("validation", splits.validation().hash());
        hashes.put("calibration", splits.calibration().hash());
        if (splits.unlabelled().size() > 0) {
            hashes.put("unlabelled", splits.unlabelled().hash());
        }
        hashes.put("test", test.hash());
        files.forEach((name, bytes) -> hashes.put(name, Hashes.sha256(bytes)));
        return hashes;
    }

    private static RunRecord.Cost cost(TrainedNetworks.Trained trained) {
        long[] cumulative = trained.network().cumulativeMacs();
        return new RunRecord.Cost(
                trained.network().backboneMacs(),
                LongStream.rangeClosed(1, cumulative.length)
                        .map(exit -> trained.network().stageMacs((int) exit))
                        .boxed()
                        .toList(),
                LongStream.rangeClosed(1, cumulative.length)
                        .map(exit -> trained.network().headMacs((int) exit))
                        .boxed()
                        .toList(),
                Arrays.stream(cumulative).boxed().toList());
    }

    private RunRecord record(
            Entry sealed,
            TrainedNetworks.Trained trained,
            DataSplits splits,
            long seed,
            SortedMap<String, String> hashes,
            int testSize,
            RunRecord.Cost cost,
            RunRecord.Test figures,
            List<RunRecord.Robustness> robustness,
            RunRecord.Checks checks) {
        Strategy strategy = sealed.strategy();
        SortedMap<String, Integer> sizes = new TreeMap<>();
        sizes.put("train", splits.training().size());
        sizes.put("validation", splits.validation().size());
        sizes.put("calibration", splits.calibration().size());
        sizes.put("test", testSize);
        ObjectNode configuration = RunRecordStore.JSON.createObjectNode();
        for (String section : List.of("data", "splits", "normalize", "execution", "robustness")) {
            configuration.set(section, config.resolved().get(section));
        }
        configuration.set("strategy", strategy.resolved());
        return new RunRecord(
                FORMAT,
                strategy.name(),
                seed,
                strategy.control()
                        .map(control -> control.name().name().toLowerCase(java.util.Locale.ROOT))
                        .orElse("none"),
                strategy.control().isEmpty(),
                configuration,
                versions,
                hashes,
                sizes,
                cost,
                calibration(sealed, cost.backbone()),
                figures,
                robustness,
                training(trained),
                checks);
    }

    private static RunRecord.@Nullable Calibration calibration(Entry sealed, long backboneMacs) {
        Thresholds thresholds = sealed.thresholds();
        if (thresholds == null) {
            return null;
        }
        Calibrate calibrate = sealed.strategy().calibrate().orElseThrow();
        return new RunRecord.Calibration(
                SealedStrategy.goal(calibrate).toString(),
                calibrate.search().name().toLowerCase(java.util.Locale.ROOT).replace('_', '-'),
                RunRecord.written(thresholds.values()),
                thresholds.accuracy(),
                thresholds.lastExitAccuracy(),
                thresholds.meanMacs() / backboneMacs,
                thresholds.reachable(),
                sealed.state().asMap());
    }

    private static String promise(Entry sealed, Outcomes outcomes, double lastAccuracy, ScoredTrace trace) {
        double accuracy = outcomes.accuracy();
        double macsFraction = outcomes.meanMacs(trace.cumulativeMacs()) / trace.backboneMacs();
        if (sealed.thresholds() == null) {
            return "none";
        }
        Goal goal = SealedStrategy.goal(sealed.strategy().calibrate().orElseThrow());
        if (goal instanceof Goal.MaxAccuracyDrop drop) {
            return accuracy >= lastAccuracy - drop.drop() - 1e-12 ? "kept" : "missed";
        }
        if (goal instanceof Goal.MaxMacs bound) {
            return macsFraction <= bound.fraction() + 1e-12 ? "kept" : "missed";
        }
        return "none";
    }

    private static RunRecord.Training training(TrainedNetworks.Trained trained) {
        return new RunRecord.Training(
                trained.training().macs(),
                trained.training().phases().stream()
                        .mapToLong(phase -> phase.steps())
                        .sum(),
                trained.training().phases().stream()
                        .map(phase -> new RunRecord.Phase(
                                phase.name(), phase.samples(), phase.epochs(), phase.macs(), phase.trainingLoss()))
                        .toList(),
                new TreeMap<>(trained.training().figures()),
                trained.training().notes());
    }
}
