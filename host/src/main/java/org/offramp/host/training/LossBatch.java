package org.offramp.host.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.offramp.api.ExitLoss;
import org.offramp.api.Head;
import org.offramp.api.HeadOutput;
import org.offramp.api.Part;
import org.offramp.host.network.Network;

/**
 * A batch on its way through the network as a loss sees it. Stages and heads are evaluated when the loss asks for them, once;
 * so what the loss does not look at is not paid for. With a perturbation the clean and the perturbed samples go through in one
 * pass, so that BatchNorm sees both.
 */
final class LossBatch implements ExitLoss.Batch {
    private final Network network;
    private final Predicate<Part> trained;
    private final @Nullable FrozenStages frozen;
    private final BiFunction<Head.Input, Boolean, Optional<NDArray>> stored;
    private final @Nullable TrainedStages compiled;
    private final int throughExit;
    private final NDArray labels;
    private final int unlabelled;
    private final boolean perturbed;
    private final double progress;
    private final List<NDArray> activations = new ArrayList<>();
    private final Map<Head.Input, NDArray> outputs = new LinkedHashMap<>();
    private final Set<Head> evaluated = new LinkedHashSet<>();

    /**
     * A batch.
     *
     * @param frozen the first stages, compiled, where none of them is trained
     * @param stored gives the outputs that are known without running stages, for a head in training mode or not
     * @param compiled the stages through which gradients flow, as far as they run compiled
     * @param samples {@code (batch, …)}, then the unlabelled ones; with a perturbation twice as many, the clean ones first
     * @param labels {@code (batch)}
     * @param unlabelled the number of samples without labels
     */
    LossBatch(
            Network network,
            Predicate<Part> trained,
            @Nullable FrozenStages frozen,
            BiFunction<Head.Input, Boolean, Optional<NDArray>> stored,
            @Nullable TrainedStages compiled,
            int throughExit,
            NDArray samples,
            NDArray labels,
            int unlabelled,
            boolean perturbed,
            double progress) {
        this.network = network;
        this.trained = trained;
        this.frozen = frozen;
        this.stored = stored;
        this.compiled = compiled;
        this.throughExit = throughExit;
        this.labels = labels;
        this.unlabelled = unlabelled;
        this.perturbed = perturbed;
        this.progress = progress;
        activations.add(samples);
    }

    @Override
    public int size() {
        return (int) labels.getShape().get(0);
    }

    @Override
    public int exits() {
        return network.exits();
    }

    @Override
    public int unlabelled() {
        return unlabelled;
    }

    @Override
    public NDArray samples() {
        return rows(activations.get(0), 0, size());
    }

    @Override
    public NDArray labels() {
        return labels;
    }

    @Override
    public double progress() {
        return progress;
    }

    @Override
    public NDArray output(int exit, HeadOutput output) {
        return rows(whole(new Head.Input(exit, output)), 0, size());
    }

    @Override
    public NDArray perturbedOutput(int exit, HeadOutput output) {
        requirePerturbation();
        return rows(whole(new Head.Input(exit, output)), size() + unlabelled, size());
    }

    @Override
    public NDArray unlabelledOutput(int exit, HeadOutput output) {
        requireUnlabelled();
        return rows(whole(new Head.Input(exit, output)), size(), unlabelled);
    }

    @Override
    public NDArray perturbedUnlabelledOutput(int exit, HeadOutput output) {
        requirePerturbation();
        requireUnlabelled();
        return rows(whole(new Head.Input(exit, output)), 2 * size() + unlabelled, unlabelled);
    }

    private void requirePerturbation() {
        if (!perturbed) {
            throw new IllegalStateException("the phase has no perturbation");
        }
    }

    private void requireUnlabelled() {
        if (unlabelled == 0) {
            throw new IllegalStateException("there are no unlabelled samples here");
        }
    }

    private static NDArray rows(NDArray all, int from, int count) {
        return count == all.getShape().get(0) ? all : all.get(new NDIndex(from + ":" + (from + count)));
    }

    /** The exit up to which stages were evaluated. */
    int stagesEvaluated() {
        return activations.size() - 1;
    }

    /** The heads that were evaluated. */
    Set<Head> headsEvaluated() {
        return evaluated;
    }

    private NDArray whole(Head.Input wanted) {
        NDArray known = outputs.get(wanted);
        if (known != null) {
            return known;
        }
        boolean training = trained.test(new Part.OfHead(wanted.exit(), wanted.output()));
        Optional<NDArray> direct = stored.apply(wanted, training);
        if (direct.isPresent()) {
            outputs.put(wanted, direct.get());
            return direct.get();
        }
        NDArray activation = activation(wanted.exit());
        if (wanted.exit() == network.exits() && wanted.output() == HeadOutput.LOGITS) {
            return activation;
        }
        Head head = network.head(wanted.exit(), wanted.output());
        evaluated.add(head);
        NDArray output = network.forwardHead(network.parameters(), head, activation, this::whole, training);
        outputs.put(wanted, output);
        return output;
    }

    private NDArray activation(int exit) {
        if (exit > throughExit) {
            throw new IllegalStateException(
                    "the loss asks for exit " + exit + " of a phase that runs through exit " + throughExit);
        }
        for (int next = activations.size(); next <= exit; next++) {
            activations.add(forward(next, activations.get(next - 1)));
        }
        return activations.get(exit);
    }

    private NDArray forward(int exit, NDArray before) {
        if (frozen != null && exit <= frozen.last()) {
            return frozen.forward(exit, before);
        }
        // DJL refuses BatchNorm over a single value, the engine itself does not.
        if (compiled != null && compiled.has(exit) && before.getShape().get(0) > 1) {
            return compiled.forward(exit, before);
        }
        return network.forwardStage(network.parameters(), exit, before, trained.test(new Part.OfStage(exit)));
    }
}
