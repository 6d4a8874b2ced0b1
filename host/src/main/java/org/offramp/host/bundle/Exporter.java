package org.offramp.host.bundle;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.offramp.api.HeadOutput;
import org.offramp.host.data.Normalization;
import org.offramp.host.graph.ArchiveExtension;
import org.offramp.host.graph.ExportedModule;
import org.offramp.host.inference.Answers;
import org.offramp.host.network.NetworkPlan;

/**
 * Writes a bundle's whole early-exit network as one TorchScript archive that needs nothing of Offramp. Its methods {@code forward} and
 * {@code stages} take samples that are not normalised (images in 0 … 1); {@code thresholds} (double, one per early exit) may be changed.
 */
public final class Exporter {
    private static final int PROBES = 32;
    private static final double TOLERANCE = 1e-5;
    private static final ObjectMapper JSON = new ObjectMapper();

    private Exporter() {}

    /**
     * Exports a model with its thresholds and compares the export with it on random samples.
     *
     * @param model the model
     * @return the archive's bytes
     * @throws BundleException if the exit policy cannot be written in TorchScript, or the export answers otherwise than the model
     */
    public static byte[] export(EarlyExitModel model) {
        Bundle bundle = model.bundle();
        NetworkPlan plan = bundle.plan();
        if (!bundle.manifest().archives().isEmpty()) {
            throw new BundleException("its backbone is TorchScript from elsewhere already ("
                    + String.join(", ", bundle.manifest().archives())
                    + "); only networks that Offramp compiled can be exported");
        }
        String name = bundle.policyName();
        ExportedPolicy policy = ExportedPolicy.of(name)
                .orElseThrow(() -> new BundleException("the exit policy '" + name
                        + "' cannot be written in TorchScript; those that can: "
                        + String.join(", ", ExportedPolicy.names())));
        for (int exit = 1; exit <= plan.exits(); exit++) {
            if (!plan.outputs().get(exit - 1).contains(HeadOutput.LOGITS)) {
                throw new BundleException("exit " + exit + " has no logits; it has "
                        + plan.outputs().get(exit - 1));
            }
        }
        byte[] stages = bundle.stages();
        try (EarlyExitModel first = model.withThreshold(Double.NEGATIVE_INFINITY);
                EarlyExitModel last = model.withThreshold(Double.POSITIVE_INFINITY)) {
            for (EarlyExitModel each : List.of(first, last)) {
                check(each, archive(each, policy, stages));
            }
        }
        byte[] archive = archive(model, policy, stages);
        check(model, archive);
        return archive;
    }

    private static byte[] archive(EarlyExitModel model, ExportedPolicy policy, byte[] stages) {
        Bundle bundle = model.bundle();
        NetworkPlan plan = bundle.plan();
        Normalization normalization = bundle.normalization();
        boolean normalized = !normalization.mean().isEmpty();
        ArchiveExtension archive = new ArchiveExtension(stages);
        archive.doubles("thresholds", model.thresholds());
        archive.doubles(
                "temperatures",
                policy.temperatures(bundle.policySection(), bundle.manifest().policyState(), plan.exits()));
        archive.longs("exits", LongStream.rangeClosed(1, plan.exits()).toArray());
        if (normalized) {
            Shape channels = perChannel(plan.inputShape());
            int count = normalization.mean().size();
            float[] mean = new float[count];
            float[] scale = new float[count];
            for (int i = 0; i < count; i++) {
                mean[i] = normalization.mean().get(i);
                scale[i] = 1f / normalization.deviation().get(i);
            }
            archive.floats("mean", channels, mean);
            archive.floats("scale", channels, scale);
        }
        archive.methods(ExportedSource.of(plan, normalized, policy));
        extras(model, archive);
        return archive.archive();
    }

    /** {@code (1, channels, 1, …)} for samples of more than one dimension, else {@code (1, 1)}. */
    private static Shape perChannel(Shape sample) {
        long[] shape =
                LongStream.generate(() -> 1).limit(sample.dimension() + 1L).toArray();
        if (sample.dimension() > 1) {
            shape[1] = sample.get(0);
        }
        return new Shape(shape);
    }

    private static void extras(EarlyExitModel model, ArchiveExtension archive) {
        BundleManifest manifest = model.bundle().manifest();
        Map<String, Object> thresholds = new LinkedHashMap<>();
        thresholds.put("policy", model.bundle().policyName());
        thresholds.put(
                "thresholds",
                java.util.Arrays.stream(model.thresholds())
                        .mapToObj(BundleManifest::threshold)
                        .toList());
        thresholds.put("goal", manifest.goal());
        thresholds.put("macs", model.cumulativeMacs());
        thresholds.put("backboneMacs", model.backboneMacs());
        Map<String, Object> input = new LinkedHashMap<>();
        input.put("shape", manifest.input().shape());
        input.put("values", manifest.input().values());
        input.put("mean", manifest.input().mean());
        input.put("deviation", manifest.input().deviation());
        archive.extra("class_names.json", json(model.classNames()));
        archive.extra("normalization.json", json(input));
        archive.extra("thresholds.json", json(thresholds));
        archive.extra("bundle.yaml", ManifestFile.bytes(manifest));
    }

    private static byte[] json(Object value) {
        try {
            return JSON.writeValueAsString(value).getBytes(StandardCharsets.UTF_8);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot be written as JSON: " + value, e);
        }
    }

    private static void check(EarlyExitModel model, byte[] archive) {
        int size = (int) model.inputShape().size();
        SplittableRandom random = new SplittableRandom(1);
        float[][] samples = new float[PROBES][size];
        for (float[] sample : samples) {
            for (int i = 0; i < size; i++) {
                sample[i] = random.nextInt(256) / 255f;
            }
        }
        Answers given = model.answers(samples);
        try (ExportedModule module = new ExportedModule(archive);
                NDManager manager = NDManager.newBaseManager()) {
            NDArray[] batch = new NDArray[PROBES];
            for (int i = 0; i < PROBES; i++) {
                batch[i] = manager.create(samples[i], new Shape(1).addAll(model.inputShape()));
                compare(module.call("forward", batch[i]), 0, given, i);
            }
            NDList all = module.call("stages", NDArrays.concat(new NDList(batch)));
            for (int i = 0; i < PROBES; i++) {
                compare(all, i, given, i);
            }
        }
    }

    private static void compare(NDList exported, int row, Answers given, int sample) {
        long exit = exported.get(1).toLongArray()[row];
        float score = exported.get(2).toFloatArray()[row];
        float[] logits = exported.get(0).get(row).toFloatArray();
        double largest = 0;
        double difference = Math.abs(score - given.scores()[sample]);
        for (int k = 0; k < logits.length; k++) {
            largest = Math.max(largest, Math.abs(logits[k]));
            difference =
                    Math.max(difference, Math.abs(logits[k] - given.logits().get(sample, k)));
        }
        if (exit != given.exits()[sample] || !(difference <= TOLERANCE * Math.max(largest, 1))) {
            throw new BundleException("the export answers otherwise than the bundle: exit " + exit + " instead of "
                    + given.exits()[sample] + ", logits or score differ by " + difference);
        }
    }
}
