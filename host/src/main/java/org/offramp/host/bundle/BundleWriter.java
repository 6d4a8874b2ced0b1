package org.offramp.host.bundle;

import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.offramp.api.ArchivedStage;
import org.offramp.api.HeadOutput;
import org.offramp.host.calibration.Goal;
import org.offramp.host.config.RunConfig;
import org.offramp.host.data.Hashes;
import org.offramp.host.data.Normalization;
import org.offramp.host.inference.CompiledStages;
import org.offramp.host.network.Network;
import org.offramp.host.network.NetworkPlan;
import org.offramp.host.network.Weights;
import org.offramp.host.strategy.SealedStrategy;
import org.offramp.host.strategy.TrainedNetworks;

/** Writes bundles: beside their place, renamed when they are whole. */
final class BundleWriter {
    private static final String WEIGHTS = "weights.safetensors";
    private static final String PUBLISHED = "model.safetensors";

    private BundleWriter() {}

    /** As {@link Bundle#write}. */
    static BundleManifest write(
            Path directory,
            RunConfig config,
            Bundle.Origin origin,
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
            Files.write(beside.resolve(Bundle.STAGES), compiled.archive());
            Map<Path, String> archives = copyArchives(beside, trained.network());
            Weights.save(beside.resolve(WEIGHTS), trained.network());
            if (!trained.network().publishedParameters().isEmpty()) {
                Weights.savePublished(beside.resolve(PUBLISHED), trained.network());
                writePublished(beside, trained.network().publishedFiles());
            }
            writePublished(beside, origin.files());
            Files.write(
                    beside.resolve(Bundle.CALIBRATION),
                    CalibrationTable.bytes(sealed.calibrator().trace()));
            Files.write(beside.resolve(ServingProperties.NAME), ServingProperties.bytes(plan.inputShape()));
            Goal goal =
                    SealedStrategy.goal(config.strategies().get(0).calibrate().orElseThrow());
            BundleManifest manifest = new BundleManifest(
                            BundleManifest.FORMAT,
                            origin.versions(),
                            origin.samples(),
                            config.strategies().get(0).name(),
                            config.seeds().get(0),
                            config.resolved(),
                            origin.dataFolder().toAbsolutePath().toString(),
                            new BundleManifest.Input(
                                    Arrays.stream(plan.inputShape().getShape())
                                            .boxed()
                                            .toList(),
                                    BundleManifest.Input.VALUES,
                                    normalization.mean(),
                                    normalization.deviation()),
                            new BundleManifest.Output(classNames.size(), BundleManifest.Output.VALUES),
                            classNames,
                            exits(plan, trained.network(), archives),
                            plan.backboneMacs(),
                            origin.policyPlugin(),
                            sealed.state().asMap(),
                            List.of(),
                            "",
                            new BundleManifest.Calibration(0, 0, 0, false),
                            new BundleManifest.Training(
                                    trained.training().macs(),
                                    trained.training().seconds()),
                            entries(beside))
                    .with(goal, sealed.thresholds());
            Files.write(beside.resolve(ManifestFile.NAME), ManifestFile.bytes(manifest));
            Files.move(beside, absolute, StandardCopyOption.ATOMIC_MOVE);
            return manifest;
        } catch (FileAlreadyExistsException | DirectoryNotEmptyException e) {
            throw new BundleException(directory + ": there is something already; choose another place", e);
        } catch (IOException e) {
            throw new BundleException(directory + ": the bundle cannot be written: " + e.getMessage(), e);
        }
    }

    private static void writePublished(Path directory, Map<String, String> files) throws IOException {
        for (Map.Entry<String, String> file : files.entrySet()) {
            Path place = directory.resolve(file.getKey());
            if (!directory.equals(place.getParent())) {
                throw new BundleException("the published file '" + file.getKey() + "' is not the name of a file");
            }
            Files.writeString(place, file.getValue(), StandardOpenOption.CREATE_NEW);
        }
    }

    private static SortedMap<String, BundleManifest.FileEntry> entries(Path directory) throws IOException {
        SortedMap<String, BundleManifest.FileEntry> entries = new TreeMap<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                byte[] bytes = Files.readAllBytes(file);
                entries.put(
                        String.valueOf(file.getFileName()),
                        new BundleManifest.FileEntry(bytes.length, Hashes.sha256(bytes)));
            }
        }
        return entries;
    }

    /** The archives from elsewhere that stages run, with the names they have in the bundle. */
    private static Map<Path, String> copyArchives(Path directory, Network network) throws IOException {
        Map<Path, String> names = new LinkedHashMap<>();
        for (List<ArchivedStage> stages : network.archivedStages()) {
            for (ArchivedStage stage : stages) {
                if (!names.containsKey(stage.file())) {
                    String name = "backbone-" + (names.size() + 1) + ".pt";
                    Files.copy(stage.file(), directory.resolve(name));
                    names.put(stage.file(), name);
                }
            }
        }
        return names;
    }

    private static List<BundleManifest.Exit> exits(NetworkPlan plan, Network network, Map<Path, String> archives) {
        List<List<ArchivedStage>> archived = network.archivedStages();
        List<BundleManifest.Exit> exits = new ArrayList<>();
        for (int exit = 0; exit < plan.exits(); exit++) {
            List<ArchivedStage> there = archived.isEmpty() ? List.of() : archived.get(exit);
            exits.add(new BundleManifest.Exit(
                    plan.outputs().get(exit).stream().map(HeadOutput::name).toList(),
                    plan.earlierInputs().get(exit).stream()
                            .map(input -> input.exit() + "/" + input.output())
                            .toList(),
                    plan.cumulativeMacs().get(exit),
                    there.stream()
                            .map(stage -> new BundleManifest.Archived(
                                    Objects.requireNonNull(archives.get(stage.file())), stage.method()))
                            .toList()));
        }
        return exits;
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
