package org.offramp.host.config;

import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.offramp.api.Backbone;
import org.offramp.api.CalibrationTrace;
import org.offramp.api.Capability;
import org.offramp.api.DataSource;
import org.offramp.api.Dataset;
import org.offramp.api.DatasetException;
import org.offramp.api.ExitPolicy;
import org.offramp.api.ExitTrainer;
import org.offramp.api.Key;
import org.offramp.api.PolicyState;
import org.offramp.api.TextEncoding;
import org.offramp.host.calibration.Search;
import org.offramp.host.data.DataSplits;
import org.offramp.host.data.Normalization;
import org.offramp.host.data.TestPerturbation;
import org.offramp.host.training.WhenToCompile;

/**
 * A bound configuration: components are chosen and their records made.
 *
 * @param data the dataset
 * @param splits how the official training split is divided
 * @param normalize how values are normalised
 * @param strategies the strategies, at least one
 * @param seeds the runs' seeds, at least one
 * @param execution how to compute
 * @param robustness perturbations of the test inputs
 * @param resolved the whole document with defaults filled in
 * @param places where its keys were given
 */
public record RunConfig(
        DatasetChoice data,
        Splits splits,
        Normalization.Kind normalize,
        List<Strategy> strategies,
        List<Long> seeds,
        Execution execution,
        Robustness robustness,
        ObjectNode resolved,
        Places places) {
    /**
     * The run of one of its strategies with one seed.
     *
     * @param strategy the strategy
     * @param seed the seed
     */
    public RunConfig only(Strategy strategy, long seed) {
        ObjectNode document = resolved.deepCopy();
        document.putArray("strategies").add(strategy.resolved());
        document.putArray("seeds").add(seed);
        return new RunConfig(
                data, splits, normalize, List.of(strategy), List.of(seed), execution, robustness, document, places);
    }

    /**
     * Divides the dataset's training split as this run wants it.
     *
     * @param dataset the dataset
     * @param seed the run's seed
     * @throws DatasetException if a split is empty, a label is out of range, or there is one class only
     */
    public DataSplits split(Dataset dataset, long seed) {
        return LocatedDataset.at(
                places,
                () -> DataSplits.of(
                        dataset,
                        splits.validation(),
                        splits.calibration(),
                        splits.by() == Splits.By.GROUP,
                        normalize,
                        splits.seed().orElse(seed)));
    }

    /**
     * How the official training split is divided; the rest is trained on.
     *
     * @param validation the fraction for early stopping and gates
     * @param calibration the fraction that thresholds are chosen on
     * @param by whether groups, such as persons, stay together
     * @param seed divides in the same way for every seed of the run
     */
    public record Splits(
            @Key(value = "fraction of the training split for validation", defaultValue = "0.1", min = 0, max = 0.9)
            double validation,

            @Key(
                    value =
                            "fraction of the training split for calibration, where the dataset keeps no samples back for it",
                    defaultValue = "0.15",
                    min = 0.001,
                    max = 0.9)
            double calibration,

            @Key(value = "divide by sample, or by group (such as the person)", defaultValue = "sample")
            By by,

            @Key("one division for all seeds of the run; without it every seed has its own")
            Optional<Long> seed) {
        /** What stays together. */
        public enum By {
            /** Nothing. */
            SAMPLE,
            /** The dataset's groups. */
            GROUP
        }

        /** Checks that something is left to train on. */
        public Splits {
            if (validation + calibration > 0.95) {
                throw new IllegalArgumentException(
                        "validation " + validation + " and calibration " + calibration + " leave nothing to train on");
            }
        }
    }

    /**
     * How to compute.
     *
     * @param threads engine threads; 0 for all cores
     * @param batch samples per call in traces and evaluation
     * @param compile whether inference runs compiled
     * @param compileTraining whether training runs compiled
     */
    public record Execution(
            @Key(value = "engine threads; 0 for all cores", defaultValue = "0", min = 0, max = 1024)
            int threads,

            @Key(value = "samples per call in traces and evaluation", defaultValue = "64", min = 1, max = 65536)
            int batch,

            @Key(value = "run inference compiled, not operation by operation", defaultValue = "true")
            boolean compile,

            @Key(
                    value =
                            "run the stages that are trained compiled: where their operations gain by it, always or never",
                    defaultValue = "auto")
            WhenToCompile compileTraining) {}

    /**
     * Perturbations of the test inputs, applied after thresholds are sealed.
     *
     * @param perturbations the perturbations
     */
    public record Robustness(
            @Key(value = "perturbations of the test inputs, each at several strengths", defaultValue = "[]")
            List<Perturbed> perturbations) {
        /** Checks that no kind is there twice. */
        public Robustness {
            perturbations = List.copyOf(perturbations);
            long kinds = perturbations.stream().map(Perturbed::kind).distinct().count();
            if (kinds < perturbations.size()) {
                throw new IllegalArgumentException("a kind is given twice; give all its strengths in one list");
            }
        }
    }

    /**
     * One kind of perturbation.
     *
     * @param kind what is done to a test input
     * @param strengths how much of it
     */
    public record Perturbed(
            @Key("images: noise, blur, occlusion; series: jitter; both: scaling, channel-drop")
            TestPerturbation.Kind kind,

            @Key(
                    value =
                            "noise, jitter, scaling: a standard deviation of normalised values; blur: pixels; occlusion: a fraction of the side; channel-drop: a probability",
                    min = 0,
                    max = 1000)
            List<Double> strengths) {
        /** Checks the strengths. */
        public Perturbed {
            strengths = List.copyOf(strengths);
            if (strengths.isEmpty()
                    || strengths.stream().distinct().count() < strengths.size()
                    || strengths.contains(0.0)) {
                throw new IllegalArgumentException(
                        "strengths: " + strengths + "; at least one above 0 is needed, each once");
            }
            if (kind.fraction() && strengths.stream().anyMatch(strength -> strength > 1)) {
                throw new IllegalArgumentException(
                        "strengths: " + strengths + "; of " + kind.text() + " at most 1 is allowed");
            }
        }
    }

    /**
     * What calibration is to reach; exactly one of the first three.
     *
     * @param maxAccuracyDrop the greatest loss of accuracy against the last exit, as a fraction
     * @param confidence of maxAccuracyDrop: how sure it is to hold for other samples; empty for the calibration split alone
     * @param maxMacs the greatest mean MACs, as a fraction of the backbone's
     * @param threshold given thresholds: one for all early exits, or one each
     * @param search how thresholds are searched for
     * @param draws of {@code random-hull}: how many threshold vectors are drawn
     * @param window of {@code random-hull}: what thresholds are drawn from
     */
    public record Calibrate(
            @Key(value = "greatest loss of accuracy against the last exit, as a fraction", min = 0, max = 1)
            Optional<Double> maxAccuracyDrop,

            @Key(
                    value =
                            "of max-accuracy-drop: how sure it is to hold for samples to come, such as 0.95; without it, it holds for the calibration samples",
                    min = 0.5,
                    max = 0.999)
            Optional<Double> confidence,

            @Key(value = "greatest mean MACs, as a fraction of the backbone's", min = 0, max = 100)
            Optional<Double> maxMacs,

            @Key("thresholds: one for all early exits, or one each")
            Optional<List<Double>> threshold,

            @Key(
                    value =
                            "how thresholds are searched for: global (one for all exits), per-exit, random-hull or dynamic",
                    defaultValue = "global")
            Search.Method search,

            @Key(value = "of random-hull: threshold vectors drawn", defaultValue = "10000", min = 1, max = 10_000_000)
            int draws,

            @Key(
                    value = "of random-hull: unit draws from U(0, 1), observed from the scores seen at the exit",
                    defaultValue = "unit")
            Search.Window window) {
        /** Checks that there is exactly one goal. */
        public Calibrate {
            int goals = (maxAccuracyDrop.isPresent() ? 1 : 0)
                    + (maxMacs.isPresent() ? 1 : 0)
                    + (threshold.isPresent() ? 1 : 0);
            if (goals != 1) {
                throw new IllegalArgumentException(
                        goals + " goals; give exactly one of max-accuracy-drop, max-macs and threshold");
            }
            if (confidence.isPresent() && (maxAccuracyDrop.isEmpty() || search != Search.Method.GLOBAL)) {
                throw new IllegalArgumentException(
                        "confidence goes with max-accuracy-drop and search: global; nothing else has an order in which to test thresholds");
            }
        }
    }

    /**
     * A control: it has no policy of its own.
     *
     * @param name which one
     * @param exit of {@code static}: the exit that all samples take; 0 otherwise
     * @param like of {@code random}: the strategy whose exit rates are used; empty otherwise
     */
    public record Control(
            @Key("full, static, random or oracle") Kind name,

            @Key(value = "of static: the exit that all samples take", defaultValue = "0", min = 0)
            int exit,

            @Key(value = "of random: the strategy whose exit rates are used", defaultValue = "''")
            String like) {
        /** The controls. */
        public enum Kind {
            /** Every sample takes the last exit. */
            FULL,
            /** Every sample takes the same exit. */
            STATIC,
            /** Exits are drawn at the rates of another strategy. */
            RANDOM,
            /** The first exit that is right: a bound that no policy can reach, never ranked. */
            ORACLE
        }

        /** Checks that the keys fit the kind. */
        public Control {
            if ((name == Kind.STATIC) != (exit > 0)) {
                throw new IllegalArgumentException("exit: " + exit + "; static needs one from 1 on, others take none");
            }
            if ((name == Kind.RANDOM) == like.isEmpty()) {
                throw new IllegalArgumentException(
                        "like: '" + like + "'; random needs a strategy's name, others take none");
            }
        }
    }

    /**
     * A chosen dataset.
     *
     * @param name its name
     * @param resolved its section
     * @param open opens it
     * @param texts turns texts into its samples, with its published files
     */
    public record DatasetChoice(
            String name,
            ObjectNode resolved,
            Function<DataSource, Dataset> open,
            Function<Map<String, String>, TextEncoding> texts) {}

    /**
     * A chosen backbone.
     *
     * @param name its name
     * @param resolved its section
     * @param capabilities what it declares
     * @param exits the stages after which early exits are placed; empty for every stage but the last
     * @param create makes it
     */
    public record BackboneChoice(
            String name,
            ObjectNode resolved,
            Set<Capability> capabilities,
            Optional<List<Integer>> exits,
            BiFunction<Shape, Integer, Backbone> create) {}

    /**
     * A chosen trainer.
     *
     * @param name its name
     * @param resolved its section
     * @param capabilities what it declares
     * @param create makes it
     */
    public record TrainerChoice(
            String name, ObjectNode resolved, Set<Capability> capabilities, Supplier<ExitTrainer> create) {}

    /**
     * A chosen exit policy.
     *
     * @param name its name
     * @param resolved its section
     * @param capabilities what it declares
     * @param fit fits its state
     * @param create makes it
     */
    public record PolicyChoice(
            String name,
            ObjectNode resolved,
            Set<Capability> capabilities,
            BiFunction<CalibrationTrace, RandomGenerator, PolicyState> fit,
            Function<PolicyState, ExitPolicy> create) {}

    /**
     * One row of a leaderboard: a policy with a goal, or a control.
     *
     * @param name its name, unique
     * @param path its path in the document, such as {@code strategies[0]}
     * @param backbone the backbone
     * @param trainers the chain of trainers
     * @param policy the policy; empty for a control
     * @param calibrate the goal; empty for a control
     * @param control the control; empty for a policy
     * @param resolved its section, defaults filled in
     */
    public record Strategy(
            String name,
            String path,
            BackboneChoice backbone,
            List<TrainerChoice> trainers,
            Optional<PolicyChoice> policy,
            Optional<Calibrate> calibrate,
            Optional<Control> control,
            ObjectNode resolved) {}
}
