package org.offramp.host.bundle;

import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.offramp.api.Head;
import org.offramp.api.HeadOutput;
import org.offramp.api.PolicyState;
import org.offramp.host.calibration.Calibrator;
import org.offramp.host.calibration.Goal;
import org.offramp.host.calibration.ScoredTrace;
import org.offramp.host.calibration.Search;
import org.offramp.host.calibration.Thresholds;
import org.offramp.host.config.RunConfig;
import org.offramp.host.config.RunConfigLoader;
import org.offramp.host.data.Hashes;
import org.offramp.host.data.Normalization;
import org.offramp.host.inference.CompiledStages;
import org.offramp.host.network.NetworkPlan;
import org.offramp.host.network.Weights;
import org.offramp.host.plugin.PluginRegistry;
import org.offramp.host.strategy.SealedStrategy;
import org.offramp.host.strategy.TrainedNetworks;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;

/**
 * A trained strategy in a directory: {@code bundle.yaml}, the compiled stages {@code stages.pt}, the parameters
 * {@code weights.safetensors}, and what the policy says of the calibration samples, {@code calibration.csv.gz}, from which other
 * thresholds can be chosen later. Every file is checked against its SHA-256 before it is used.
 */
public final class Bundle {
    private static final String MANIFEST = "bundle.yaml";
    private static final String STAGES = "stages.pt";
    private static final String WEIGHTS = "weights.safetensors";
    private static final String PUBLISHED = "backbone.safetensors";
    private static final String CALIBRATION = "calibration.csv.gz";
    private static final ObjectMapper JSON = JsonMapper.builder()
            .enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private final Path directory;
    private final BundleManifest manifest;

    private Bundle(Path directory, BundleManifest manifest) {
        this.directory = directory;
        this.manifest = manifest;
    }

    /**
     * Writes a bundle beside its place and renames it.
     *
     * @param directory where it is to be; nothing or an empty folder
     * @param config a run of one strategy and one seed
     * @param dataFolder what the configuration's relative paths are relative to
     * @param versions what took part
     * @param classNames the class names
     * @param normalization how samples are normalised
     * @param trained the network
     * @param sealed the policy and its thresholds
     * @throws BundleException if the directory is taken, or a stage cannot be compiled
     */
    public static Bundle write(
            Path directory,
            RunConfig config,
            Path dataFolder,
            SortedMap<String, String> versions,
            List<String> classNames,
            Normalization normalization,
            TrainedNetworks.Trained trained,
            SealedStrategy sealed) {
        if (!(trained.stages() instanceof CompiledStages compiled)
                || !compiled.reasons().isEmpty()) {
            throw new BundleException("a bundle holds compiled stages, but this network runs " + trained.execution()
                    + (trained.stages() instanceof CompiledStages some ? ": " + some.reasons() : ""));
        }
        NetworkPlan plan = trained.network().plan();
        Path absolute = directory.toAbsolutePath();
        Path beside = absolute.resolveSibling("." + absolute.getFileName() + ".part");
        try {
            deleteTree(beside);
            Files.createDirectories(beside);
            Files.write(beside.resolve(STAGES), compiled.archive());
            Weights.save(beside.resolve(WEIGHTS), trained.network());
            Files.write(
                    beside.resolve(CALIBRATION), calibration(sealed.calibrator().trace()));
            SortedMap<String, String> files = new TreeMap<>();
            List<String> names = new ArrayList<>(List.of(STAGES, WEIGHTS, CALIBRATION));
            if (!trained.network().publishedParameters().isEmpty()) {
                Weights.savePublished(beside.resolve(PUBLISHED), trained.network());
                names.add(PUBLISHED);
            }
            for (String file : names) {
                files.put(file, Hashes.sha256(Files.readAllBytes(beside.resolve(file))));
            }
            List<BundleManifest.Exit> exits = new ArrayList<>();
            for (int exit = 0; exit < plan.exits(); exit++) {
                exits.add(new BundleManifest.Exit(
                        plan.outputs().get(exit).stream().map(HeadOutput::name).toList(),
                        plan.earlierInputs().get(exit).stream()
                                .map(input -> input.exit() + "/" + input.output())
                                .toList(),
                        plan.cumulativeMacs().get(exit)));
            }
            BundleManifest manifest = new BundleManifest(
                    BundleManifest.FORMAT,
                    versions,
                    config.strategies().get(0).name(),
                    config.seeds().get(0),
                    config.resolved(),
                    dataFolder.toAbsolutePath().toString(),
                    Arrays.stream(plan.inputShape().getShape()).boxed().toList(),
                    classNames,
                    normalization.mean(),
                    normalization.deviation(),
                    exits,
                    plan.backboneMacs(),
                    sealed.state().asMap(),
                    List.of(),
                    "",
                    new BundleManifest.Calibration(0, 0, 0, false),
                    new BundleManifest.Training(
                            trained.training().macs(), trained.training().seconds()),
                    files);
            Goal goal =
                    SealedStrategy.goal(config.strategies().get(0).calibrate().orElseThrow());
            BundleManifest complete = withThresholds(manifest, goal, sealed.thresholds());
            Files.write(beside.resolve(MANIFEST), yaml(complete));
            Files.move(beside, absolute, StandardCopyOption.ATOMIC_MOVE);
            return new Bundle(directory, complete);
        } catch (FileAlreadyExistsException | DirectoryNotEmptyException e) {
            throw new BundleException(directory + ": there is something already; choose another place", e);
        } catch (IOException e) {
            throw new BundleException(directory + ": the bundle cannot be written: " + e.getMessage(), e);
        }
    }

    /**
     * Opens a bundle's description; the other files are checked when they are used.
     *
     * @param directory the bundle
     * @throws BundleException if there is none, or it is of a newer format
     */
    public static Bundle open(Path directory) {
        Path file = directory.resolve(MANIFEST);
        if (!Files.isRegularFile(file)) {
            throw new BundleException(directory + ": not a bundle, it has no " + MANIFEST);
        }
        try {
            Object document = new Yaml(new SafeConstructor(new LoaderOptions())).load(Files.readString(file));
            JsonNode tree = JSON.valueToTree(document);
            int format = tree.path("format").asInt(-1);
            if (format > BundleManifest.FORMAT || format < 1) {
                throw new BundleException(file + ": format " + tree.path("format")
                        + "; this Offramp reads formats 1 to " + BundleManifest.FORMAT);
            }
            return new Bundle(directory, JSON.treeToValue(tree, BundleManifest.class));
        } catch (YAMLException | IOException | IllegalArgumentException e) {
            throw new BundleException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /** The configuration the bundle was made with, with changes. */
    RunConfig config(List<String> changes, PluginRegistry registry) {
        return RunConfigLoader.parse(
                manifest.run().toString(), directory.resolve(MANIFEST) + " run", changes, registry);
    }

    /**
     * The configuration the bundle was made with, with changes.
     *
     * @param changes {@code path=value}
     * @param registry the components
     */
    public RunConfig run(List<String> changes, PluginRegistry registry) {
        return config(changes, registry);
    }

    /** What the configuration's relative paths are relative to. */
    public Path dataFolder() {
        return Path.of(manifest.dataFolder());
    }

    /** The seed it was trained with. */
    public long seed() {
        return manifest.seed();
    }

    BundleManifest manifest() {
        return manifest;
    }

    byte[] stages() {
        return read(STAGES);
    }

    PolicyState state() {
        return new PolicyState(manifest.policyState());
    }

    Normalization normalization() {
        return new Normalization(manifest.mean(), manifest.deviation());
    }

    NetworkPlan plan() {
        return new NetworkPlan(
                new Shape(manifest.input().stream().mapToLong(Long::longValue).toArray()),
                manifest.classNames().size(),
                manifest.exits().stream()
                        .map(exit ->
                                exit.outputs().stream().map(HeadOutput::valueOf).toList())
                        .toList(),
                manifest.exits().stream()
                        .map(exit -> exit.reads().stream().map(Bundle::input).toList())
                        .toList(),
                manifest.exits().stream()
                        .map(BundleManifest.Exit::cumulativeMacs)
                        .toList(),
                manifest.backboneMacs());
    }

    private static Head.Input input(String text) {
        int slash = text.indexOf('/');
        return new Head.Input(
                Integer.parseInt(text.substring(0, slash)), HeadOutput.valueOf(text.substring(slash + 1)));
    }

    private byte[] read(String name) {
        Path file = directory.resolve(name);
        try {
            byte[] bytes = Files.readAllBytes(file);
            String expected = manifest.files().get(name);
            String found = Hashes.sha256(bytes);
            if (!found.equals(expected)) {
                throw new BundleException(file + ": its SHA-256 is " + found + ", " + MANIFEST + " says " + expected
                        + "; it was changed or cut off");
            }
            return bytes;
        } catch (IOException e) {
            throw new BundleException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * Thresholds for a goal, from what the policy said of the calibration samples.
     *
     * @param goal the goal
     * @param search how to search
     * @throws IllegalArgumentException if the goal does not suit the network
     */
    public Thresholds thresholds(Goal goal, Search search) {
        return new Calibrator(trace(read(CALIBRATION)), search).choose(goal);
    }

    /**
     * Chooses other thresholds and writes them into {@code bundle.yaml}.
     *
     * @param goal what they are to reach
     * @param thresholds the thresholds
     */
    public void seal(Goal goal, Thresholds thresholds) {
        Path file = directory.resolve(MANIFEST);
        Path beside = directory.resolve(MANIFEST + ".part");
        try {
            Files.write(beside, yaml(withThresholds(manifest, goal, thresholds)));
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new BundleException(file + ": cannot be written: " + e.getMessage(), e);
        }
    }

    private static BundleManifest withThresholds(BundleManifest manifest, Goal goal, Thresholds thresholds) {
        return manifest.with(
                Arrays.stream(thresholds.values())
                        .mapToObj(BundleManifest::threshold)
                        .toList(),
                goal.toString(),
                new BundleManifest.Calibration(
                        thresholds.accuracy(),
                        thresholds.lastExitAccuracy(),
                        thresholds.meanMacs(),
                        thresholds.reachable()),
                null);
    }

    /** One line per calibration sample: its label, then for each exit the score and the prediction. */
    private static byte[] calibration(ScoredTrace trace) throws IOException {
        StringBuilder text = new StringBuilder("label");
        for (int exit = 1; exit <= trace.exits(); exit++) {
            text.append(",score").append(exit).append(",prediction").append(exit);
        }
        text.append('\n');
        for (int sample = 0; sample < trace.size(); sample++) {
            text.append(trace.labels()[sample]);
            for (int exit = 0; exit < trace.exits(); exit++) {
                text.append(',')
                        .append(trace.scores()[exit][sample])
                        .append(',')
                        .append(trace.predictions()[exit][sample]);
            }
            text.append('\n');
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(text.toString().getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    private ScoredTrace trace(byte[] bytes) {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
            List<String> lines = new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .skip(1)
                    .toList();
            int exits = manifest.exits().size();
            int[] labels = new int[lines.size()];
            float[][] scores = new float[exits][labels.length];
            int[][] predictions = new int[exits][labels.length];
            for (int sample = 0; sample < labels.length; sample++) {
                String[] cells = lines.get(sample).split(",", -1);
                labels[sample] = Integer.parseInt(cells[0]);
                for (int exit = 0; exit < exits; exit++) {
                    scores[exit][sample] = Float.parseFloat(cells[1 + 2 * exit]);
                    predictions[exit][sample] = Integer.parseInt(cells[2 + 2 * exit]);
                }
            }
            return new ScoredTrace(labels, scores, predictions, plan().costs(), manifest.backboneMacs());
        } catch (IOException e) {
            throw new BundleException(directory.resolve(CALIBRATION) + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /** A table of what the bundle is, for people. */
    public String describe() {
        double share = 100 * manifest.calibration().meanMacs() / manifest.backboneMacs();
        return String.format(
                java.util.Locale.ROOT,
                "%s, seed %d: goal %s%s; thresholds %s%non calibration: accuracy %.2f %% (backbone %.2f %%) at %.1f %% of the backbone's MACs",
                manifest.strategy(),
                manifest.seed(),
                manifest.goal(),
                manifest.calibration().reached() ? "" : " (not reachable)",
                manifest.thresholds().stream().collect(Collectors.joining(", ")),
                100 * manifest.calibration().accuracy(),
                100 * manifest.calibration().backboneAccuracy(),
                share);
    }

    private static byte[] yaml(BundleManifest manifest) {
        DumperOptions options = new DumperOptions();
        options.setDefaultFlowStyle(DumperOptions.FlowStyle.AUTO);
        options.setWidth(140);
        Map<?, ?> tree = JSON.convertValue(manifest, Map.class);
        return new Yaml(options).dump(tree).getBytes(StandardCharsets.UTF_8);
    }

    private static void deleteTree(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            try (var paths = Files.walk(path)) {
                for (Path each : paths.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(each);
                }
            }
        }
    }
}
