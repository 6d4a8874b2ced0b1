package org.offramp.host.bundle;

import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.offramp.api.DatasetException;
import org.offramp.api.ExitPolicy;
import org.offramp.api.Head;
import org.offramp.api.HeadOutput;
import org.offramp.api.PolicyState;
import org.offramp.api.TextEncoding;
import org.offramp.host.calibration.Calibrator;
import org.offramp.host.calibration.Goal;
import org.offramp.host.calibration.Search;
import org.offramp.host.calibration.Thresholds;
import org.offramp.host.config.ConfigurationException;
import org.offramp.host.config.RunConfig;
import org.offramp.host.config.RunConfigLoader;
import org.offramp.host.data.Normalization;
import org.offramp.host.network.NetworkPlan;
import org.offramp.host.plugin.PluginRegistry;
import org.offramp.host.strategy.SealedStrategy;
import org.offramp.host.strategy.TrainedNetworks;

/**
 * A trained strategy in a directory: {@code bundle.yaml}, the compiled stages {@code stages.pt}, the parameters
 * {@code weights.safetensors}, the backbone's under their published names ({@code model.safetensors}, with the backbone's and the
 * dataset's own files beside it), what the policy says of the calibration samples, {@code calibration.csv.gz}, from which other
 * thresholds can be chosen later, and {@code serving.properties} for DJL. Where the backbone is of TorchScript archives from elsewhere, these
 * are in it ({@code backbone-<n>.pt}) and {@code stages.pt} holds the heads. Every file is checked against its size and SHA-256
 * before it is used.
 */
public final class Bundle {
    static final String STAGES = "stages.pt";
    static final String CALIBRATION = "calibration.csv.gz";
    private static final Set<String> OWN = Set.of(STAGES, CALIBRATION, ServingProperties.NAME);

    private final Path directory;
    private final BundleManifest manifest;

    private Bundle(Path directory, BundleManifest manifest) {
        this.directory = directory;
        this.manifest = manifest;
    }

    /**
     * Where a bundle comes from.
     *
     * @param versions what took part, by name
     * @param samples the hash of each split's samples, by name
     * @param policyPlugin the plugin that brings the exit policy, with its version
     * @param files the dataset's published files
     * @param dataFolder what the configuration's relative paths are relative to
     */
    public record Origin(
            SortedMap<String, String> versions,
            SortedMap<String, String> samples,
            String policyPlugin,
            Map<String, String> files,
            Path dataFolder) {}

    /**
     * Writes a bundle beside its place and renames it.
     *
     * @param directory where it is to be; nothing or an empty folder
     * @param config a run of one strategy and one seed
     * @param origin where it comes from
     * @param classNames the class names
     * @param normalization how samples are normalised
     * @param trained the network
     * @param sealed the policy and its thresholds
     * @throws BundleException if the directory is taken, or a stage cannot be compiled
     */
    public static Bundle write(
            Path directory,
            RunConfig config,
            Origin origin,
            List<String> classNames,
            Normalization normalization,
            TrainedNetworks.Trained trained,
            SealedStrategy sealed) {
        return new Bundle(
                directory, BundleWriter.write(directory, config, origin, classNames, normalization, trained, sealed));
    }

    /**
     * Opens a bundle's description; the other files are checked when they are used, or by {@link #verify}.
     *
     * @param directory the bundle
     * @throws BundleException if there is none, or it is of a newer format
     */
    public static Bundle open(Path directory) {
        return new Bundle(directory, ManifestFile.read(directory));
    }

    /**
     * Checks every file against its size and SHA-256.
     *
     * @throws BundleException naming the first file that is missing or not the one that was written
     */
    public void verify() {
        manifest.files().keySet().forEach(name -> CheckedFiles.read(directory, manifest, name));
    }

    /**
     * The configuration the bundle was made with, with changes.
     *
     * @param changes {@code path=value}
     * @param registry the components
     */
    public RunConfig run(List<String> changes, PluginRegistry registry) {
        return RunConfigLoader.parse(
                manifest.run().toString(), directory.resolve(ManifestFile.NAME) + " run", changes, registry);
    }

    /**
     * The exit policy with what it learned. Only its plugin is needed, not those of the dataset, backbone and trainers.
     *
     * @param registry where its plugin is
     * @throws BundleException if the plugin is not there, or does not take this configuration or state
     * @throws ConfigurationException if the plugin may be one of those that cannot be loaded, which it names
     */
    public ExitPolicy policy(PluginRegistry registry) {
        String section = policySection().toString();
        Path file = directory.resolve(ManifestFile.NAME);
        if (!registry.policies().containsKey(policyName())
                && registry.problems().isEmpty()) {
            String plugin = manifest.policyPlugin().isEmpty() ? "" : ", of the plugin " + manifest.policyPlugin() + ",";
            throw new BundleException(file + ": its exit policy '" + policyName() + "'" + plugin
                    + " is not here; add the plugin's jar to the class path or name its folder (--plugins, or load(bundle, folders))."
                    + " Here are: "
                    + registry.policies().keySet().stream().sorted().collect(Collectors.joining(", ")));
        }
        try {
            return RunConfigLoader.policy(section, file + " run", registry)
                    .create()
                    .apply(new PolicyState(manifest.policyState()));
        } catch (ConfigurationException | IllegalArgumentException | IllegalStateException e) {
            if (e instanceof ConfigurationException missing && missing.selectsBrokenPlugin()) {
                throw missing;
            }
            throw new BundleException(
                    file + ": its exit policy '" + policyName() + "' cannot be made: " + e.getMessage(), e);
        }
    }

    /** The files of the dataset, by name: those that Offramp does not write itself. */
    Map<String, String> datasetFiles() {
        Map<String, String> files = new TreeMap<>();
        for (String name : manifest.files().keySet()) {
            if (!OWN.contains(name)
                    && !name.endsWith(".safetensors")
                    && !manifest.archives().contains(name)) {
                files.put(name, new String(CheckedFiles.read(directory, manifest, name), StandardCharsets.UTF_8));
            }
        }
        return files;
    }

    /**
     * Turns texts into samples as the dataset did that the bundle was trained on.
     *
     * @param files of {@link #datasetFiles()}
     * @param registry where the dataset's plugin is
     * @throws BundleException if the plugin is not there, or its samples are not made of texts
     */
    TextEncoding texts(Map<String, String> files, PluginRegistry registry) {
        JsonNode section = manifest.run().path("data");
        String name = section.path("name").asText();
        if (!registry.datasets().containsKey(name) && registry.problems().isEmpty()) {
            throw new BundleException(directory + ": samples are made of texts by the dataset '" + name
                    + "', whose plugin is not here; add its jar to the class path or name its folder. Here are: "
                    + registry.datasets().keySet().stream().sorted().collect(Collectors.joining(", ")));
        }
        try {
            return RunConfigLoader.dataset(section.toString(), directory.resolve(ManifestFile.NAME) + " run", registry)
                    .texts()
                    .apply(files);
        } catch (DatasetException | ConfigurationException e) {
            throw new BundleException(directory + ": texts cannot be made samples: " + e.getMessage(), e);
        }
    }

    JsonNode policySection() {
        return manifest.run().path("strategies").path(0).path("policy");
    }

    String policyName() {
        return policySection().path("name").asText();
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

    /** The archives from elsewhere that stages run, by name; empty for compiled stages. */
    Map<String, byte[]> archives() {
        Map<String, byte[]> archives = new TreeMap<>();
        manifest.archives().forEach(name -> archives.put(name, CheckedFiles.read(directory, manifest, name)));
        return archives;
    }

    byte[] stages() {
        return CheckedFiles.read(directory, manifest, STAGES);
    }

    Normalization normalization() {
        return new Normalization(manifest.input().mean(), manifest.input().deviation());
    }

    NetworkPlan plan() {
        return new NetworkPlan(
                new Shape(manifest.input().shape().stream()
                        .mapToLong(Long::longValue)
                        .toArray()),
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

    /**
     * Thresholds for a goal, from what the policy said of the calibration samples.
     *
     * @param goal the goal
     * @param search how to search
     * @throws IllegalArgumentException if the goal does not suit the network
     */
    public Thresholds thresholds(Goal goal, Search search) {
        return thresholds(calibration(), goal, search);
    }

    byte[] calibration() {
        return CheckedFiles.read(directory, manifest, CALIBRATION);
    }

    Thresholds thresholds(byte[] table, Goal goal, Search search) {
        try {
            return new Calibrator(CalibrationTable.read(table, plan().costs(), manifest.backboneMacs()), search)
                    .choose(goal);
        } catch (IOException | NumberFormatException e) {
            throw new BundleException(directory.resolve(CALIBRATION) + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * Chooses other thresholds and writes them into {@code bundle.yaml}.
     *
     * @param goal what they are to reach
     * @param thresholds the thresholds
     */
    public void seal(Goal goal, Thresholds thresholds) {
        Path file = directory.resolve(ManifestFile.NAME);
        Path beside = directory.resolve(ManifestFile.NAME + ".part");
        try {
            Files.write(beside, ManifestFile.bytes(manifest.with(goal, thresholds)));
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new BundleException(file + ": cannot be written: " + e.getMessage(), e);
        }
    }

    /**
     * How a stream of sensor readings is cut into this bundle's samples.
     *
     * @param channels the readings of a row
     * @param length the rows of a window
     * @param stride the rows between the beginnings of two windows
     * @param rate rows a second; 0 where it is not known
     */
    public record Windows(int channels, int length, int stride, double rate) {}

    /**
     * How a stream of sensor readings is cut into samples.
     *
     * @throws BundleException if its samples are not windows of channels over time
     */
    public Windows windows() {
        List<Long> shape = manifest.input().shape();
        JsonNode data = manifest.run().path("data");
        if (shape.size() != 2 || !data.hasNonNull("stride")) {
            throw new BundleException(directory + ": its samples have the shape " + shape + " and come from '"
                    + data.path("name").asText()
                    + "'; a stream needs windows (channels, time) of a dataset with a stride,"
                    + " such as npy-windows");
        }
        return new Windows(
                Math.toIntExact(shape.get(0)),
                Math.toIntExact(shape.get(1)),
                data.get("stride").asInt(),
                data.path("rate").asDouble(0));
    }

    /** What the bundle is and what it promises, for people. */
    public String describe() {
        double share = 100 * manifest.calibration().meanMacs() / manifest.backboneMacs();
        return String.format(
                Locale.ROOT,
                "%s, seed %d: goal %s%s; thresholds %s%non calibration: accuracy %.2f %% (backbone %.2f %%) at %.1f %% of the backbone's MACs",
                manifest.strategy(),
                manifest.seed(),
                manifest.goal(),
                manifest.calibration().reached() ? "" : " (not reachable)",
                String.join(", ", manifest.thresholds()),
                100 * manifest.calibration().accuracy(),
                100 * manifest.calibration().backboneAccuracy(),
                share);
    }
}
