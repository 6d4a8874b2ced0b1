package org.offramp.host.inference;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.offramp.api.Head;
import org.offramp.host.graph.CompiledModule;
import org.offramp.host.graph.Compiler;
import org.offramp.host.graph.UntraceableException;
import org.offramp.host.network.EvidenceReader;
import org.offramp.host.network.Network;
import org.offramp.host.network.NetworkPlan;

/**
 * The stages of a network compiled to TorchScript, each with its heads in one call. Every stage is compared with the same stage run
 * operation by operation; one that differs, or cannot be compiled, runs operation by operation. Of a backbone of TorchScript archives the heads are
 * compiled, behind the archives' own calls. Holds a copy of the parameters.
 */
public final class CompiledStages implements StageRunner {
    private static final double TOLERANCE = 1e-5;
    private static final int[] BATCHES = {1, 2, 7};

    private final StageRunner fallback;
    private final StageRunner compiled;
    private final byte[] archive;
    private final SortedMap<Integer, String> reasons;
    private final boolean wholeBackbone;
    private boolean oneCall = true;

    private CompiledStages(
            StageRunner fallback,
            StageRunner compiled,
            byte[] archive,
            SortedMap<Integer, String> reasons,
            boolean wholeBackbone) {
        this.fallback = fallback;
        this.compiled = compiled;
        this.archive = archive;
        this.reasons = reasons;
        this.wholeBackbone = wholeBackbone;
    }

    /**
     * Compiles and compares.
     *
     * @param network the trained network
     * @param probe samples to compare with, {@code (batch, …)}, normalised, at least one
     */
    public static CompiledStages compile(Network network, NDArray probe) {
        return compile(network, probe, Compiler.Form.INFERENCE);
    }

    /**
     * Compiles in another form, and compares.
     *
     * @param network the trained network
     * @param probe samples to compare with, {@code (batch, …)}, normalised, at least one
     * @param form a form for inference
     */
    public static CompiledStages compile(Network network, NDArray probe, Compiler.Form form) {
        Compiler compiler = new Compiler(network.parametersByName(), form);
        SortedMap<Integer, String> reasons = add(network, compiler);
        boolean whole = reasons.isEmpty();
        boolean archived = !network.archivedStages().isEmpty();
        if (whole && !archived) {
            compiler.add(ModuleStages.BACKBONE, network.backboneFunction(), List.of(network.inputShape()), false);
            NetworkPlan plan = network.plan();
            if (OneCall.suits(plan)) {
                compiler.add(OneCall.source(plan));
            }
        }
        byte[] archive = compiler.archive();
        StageRunner runner = archived
                ? ArchivedStages.load(network.archivedStages(), archive)
                : new ModuleStages(new CompiledModule(archive));
        CompiledStages compiled = new CompiledStages(StageRunner.opByOp(network), runner, archive, reasons, whole);
        try {
            compiled.check(network, probe);
            return compiled;
        } catch (RuntimeException e) {
            compiled.close();
            throw e;
        }
    }

    /**
     * Why stages of a network cannot be compiled, by exit; without comparing anything.
     *
     * @param network the network, trained or not
     */
    public static SortedMap<Integer, String> refusals(Network network) {
        return add(network, new Compiler(network.parametersByName(), Compiler.Form.INFERENCE));
    }

    private static SortedMap<Integer, String> add(Network network, Compiler compiler) {
        SortedMap<Integer, String> reasons = new TreeMap<>();
        boolean archived = !network.archivedStages().isEmpty();
        for (int exit = 1; exit <= network.exits(); exit++) {
            try {
                compiler.add(
                        ModuleStages.method(exit),
                        archived ? network.headsFunction(exit) : network.stageFunction(exit),
                        archived ? network.headInputShapes(exit) : network.stageInputShapes(exit),
                        exit > 1 && !archived);
            } catch (UntraceableException e) {
                reasons.put(exit, String.valueOf(e.getMessage()));
            }
        }
        return reasons;
    }

    /** The archive, with a method {@code stage<n>} for every compiled stage; of archived stages for their heads. */
    public byte[] archive() {
        return archive.clone();
    }

    /** Why stages run operation by operation, by exit; empty when all are compiled. */
    public SortedMap<Integer, String> reasons() {
        return new TreeMap<>(reasons);
    }

    /** {@code compiled}, {@code op by op}, or which stages are which. */
    public String describe(int exits) {
        return reasons.isEmpty()
                ? compiled instanceof ArchivedStages ? "archived stages, compiled heads" : "compiled"
                : reasons.size() == exits ? "op by op" : "compiled except stages " + reasons.keySet();
    }

    @Override
    public NDList run(int exit, NDList inputs) {
        return (reasons.containsKey(exit) ? fallback : compiled).run(exit, inputs);
    }

    @Override
    public NDList runRows(int exit, NDArray rows, NDList inputs) {
        return (reasons.containsKey(exit) ? fallback : compiled).runRows(exit, rows, inputs);
    }

    @Override
    public Optional<Stopped> runOne(NDArray sample, double[] needs) {
        return oneCall && reasons.isEmpty() ? compiled.runOne(sample, needs) : Optional.empty();
    }

    @Override
    public NDArray runBackbone(NDArray batch) {
        return (wholeBackbone && reasons.isEmpty() ? compiled : fallback).runBackbone(batch);
    }

    private void check(Network network, NDArray probe) {
        for (int batch : BATCHES) {
            try (NDManager scope = probe.getManager().newSubManager()) {
                NDArray rows = scope.arange(batch)
                        .mod(probe.getShape().get(0))
                        .toType(ai.djl.ndarray.types.DataType.INT64, false);
                NDArray activation = probe.get(new ai.djl.ndarray.index.NDIndex("{}", rows));
                activation.attach(scope);
                compare(network, activation);
            }
        }
    }

    private void compare(Network network, NDArray samples) {
        NDArray activation = samples;
        Map<Head.Input, NDArray> known = new HashMap<>();
        List<NDArray> heads = new ArrayList<>();
        for (int exit = 1; exit <= network.exits(); exit++) {
            NDList inputs = new NDList(activation);
            network.earlierInputs(exit).forEach(input -> inputs.add(known.get(input)));
            NDList expected = fallback.run(exit, inputs);
            if (!reasons.containsKey(exit)) {
                difference(expected, compiled.run(exit, inputs), exit);
            }
            activation = expected.get(0);
            int at = exit;
            Map<Head.Input, NDArray> outputs = new LinkedHashMap<>();
            EvidenceReader.name(network.outputs(exit), expected)
                    .forEach((output, array) -> outputs.put(new Head.Input(at, output), array));
            known.putAll(outputs);
            heads.addAll(expected.subNDList(1));
        }
        if (samples.getShape().get(0) == 1) {
            compareOneCall(samples, network.exits(), heads);
        }
    }

    /** One call through all stages rounds as often as they do together. */
    private void compareOneCall(NDArray sample, int exits, List<NDArray> heads) {
        double[] needs = OneCall.until(exits);
        Optional<Stopped> stopped = runOne(sample, needs);
        if (stopped.isPresent()) {
            int at = 0;
            for (NDArray head : heads) {
                float[] values = head.toFloatArray();
                double largest = head.abs().max().getFloat();
                for (float value : values) {
                    double difference = Math.abs(value - stopped.get().values()[at++]);
                    oneCall &= difference <= TOLERANCE * exits * Math.max(largest, 1e-3);
                }
            }
        }
    }

    private void difference(NDList expected, NDList given, int exit) {
        List<String> problems = new ArrayList<>();
        for (int i = 0; i < expected.size(); i++) {
            if (!expected.get(i).getShape().equals(given.get(i).getShape())) {
                problems.add("output " + i + " has the shape " + given.get(i).getShape() + " instead of "
                        + expected.get(i).getShape());
                continue;
            }
            double largest = expected.get(i).abs().max().getFloat();
            double difference = expected.get(i).sub(given.get(i)).abs().max().getFloat();
            if (!(difference <= TOLERANCE * Math.max(largest, 1e-3))) {
                problems.add("output " + i + " differs by " + difference + ", its largest value is " + largest);
            }
        }
        if (!problems.isEmpty()) {
            reasons.putIfAbsent(exit, "compiled and op by op differ: " + String.join("; ", problems));
        }
    }

    @Override
    public void close() {
        compiled.close();
    }
}
