package org.offramp.conformance;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.offramp.api.Evidence;
import org.offramp.api.ExitTrainer;
import org.offramp.api.TrainingSession;
import org.offramp.host.data.DataSplits;
import org.offramp.host.data.SampleSet;
import org.offramp.host.inference.EarlyExitRunner;
import org.offramp.host.inference.StageRunner;
import org.offramp.host.inference.Traces;
import org.offramp.host.network.Network;
import org.offramp.host.training.Training;

/** One training of a trainer, and what it left. */
final class TrainerRun implements AutoCloseable {
    private final Network network;
    private final DataSplits splits;
    private final CountedSteps steps;
    private Map<String, float[]> before = Map.of();
    private Optional<WatchedSession> watched = Optional.empty();
    private Optional<Training.Result> result = Optional.empty();

    TrainerRun(Network network, DataSplits splits, CountedSteps steps) {
        this.network = network;
        this.splits = splits;
        this.steps = steps;
    }

    void train(List<Training.Step> chain, long seed) {
        result = Optional.of(Training.run(network, splits, chain, seed, steps, false));
    }

    void watch(TrainingSession session, ExitTrainer trainer) {
        before = parameters();
        WatchedSession watching = new WatchedSession(session);
        watched = Optional.of(watching);
        steps.begin();
        trainer.train(watching);
    }

    Network network() {
        return network;
    }

    SampleSet training() {
        return splits.training();
    }

    /** What the trainer asked for. */
    WatchedSession session() {
        return watched.orElseThrow(() -> new AssertionError("the trainer was not run"));
    }

    /** What the host notes of the chain. */
    Training.Result result() {
        return result.orElseThrow(() -> new AssertionError("the training did not end"));
    }

    /** The steps of the trainer. */
    int steps() {
        return steps.steps();
    }

    /** The values of all parameters, running statistics included, when the trainer began. */
    Map<String, float[]> before() {
        return before;
    }

    /** The values of all parameters, running statistics included, by name. */
    Map<String, float[]> parameters() {
        Map<String, float[]> values = new LinkedHashMap<>();
        network.parametersByName()
                .forEach((name, parameter) ->
                        values.put(name, parameter.getArray().toFloatArray()));
        return values;
    }

    /** The arrays that are open on the network's manager besides its parameters. */
    List<NDArray> openArrays() {
        Set<NDArray> own = Collections.newSetFromMap(new IdentityHashMap<>());
        network.parametersByName().values().forEach(parameter -> own.add(parameter.getArray()));
        List<NDArray> open = new ArrayList<>(network.manager().getManagedArrays());
        open.removeIf(own::contains);
        return open;
    }

    /** The evidence of every exit for the training samples, so many in a batch. */
    Evidence evidence(int batch) {
        return Traces.compute(
                new EarlyExitRunner(network.plan(), StageRunner.opByOp(network)), splits.training(), batch);
    }

    @Override
    public void close() {
        network.close();
    }
}
