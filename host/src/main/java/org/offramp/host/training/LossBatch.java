package org.offramp.host.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
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
    private final Known known;
    private final @Nullable TrainedStages compiled;
    private final int throughExit;
    private final NDArray labels;
    private final int unlabelled;
    private final boolean perturbed;
    private final double progress;
    private final SortedMap<Integer, NDArray> activations = new TreeMap<>();
    private final Map<Head.Input, NDArray> outputs = new LinkedHashMap<>();
    private final Set<Head> evaluated = new LinkedHashSet<>();

    /** What is known of the batch without running stages. */
    interface Known {
        /** Nothing. */
        Known NOTHING = new Known() {
            @Override
            public Optional<NDArray> output(Head.Input wanted, boolean training) {
                return Optional.empty();
            }

            @Override
            public Optional<NDArray> activation(int exit) {
                return Optional.empty();
            }
        };

        /**
         * A head's output.
         *
         * @param wanted the output
         * @param training whether the head is in training mode
         */
        Optional<NDArray> output(Head.Input wanted, boolean training);

        /**
         * What a frozen stage gives.
         *
         * @param exit the stage
         */
        Optional<NDArray> activation(int exit);
    }

    /**
     * A batch.
     *
     * @param frozen the first stages, compiled, where none of them is trained
     * @param known what is known without running stages
     * @param compiled the stages through which gradients flow, as far as they run compiled
     * @param samples {@code (batch, …)}, then the unlabelled ones; with a perturbation twice as many, the clean ones first
     * @param labels {@code (batch)}
     * @param unlabelled the number of samples without labels
     */
    LossBatch(
            Network network,
            Predicate<Part> trained,
            @Nullable FrozenStages frozen,
            Known known,
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
        this.known = known;
        this.compiled = compiled;
        this.throughExit = throughExit;
        this.labels = labels;
        this.unlabelled = unlabelled;
        this.perturbed = perturbed;
        this.progress = progress;
        activations.put(0, samples);
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
        return rows(Objects.requireNonNull(activations.get(0)), 0, size());
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
        return activations.lastKey();
    }

    /** The heads that were evaluated. */
    Set<Head> headsEvaluated() {
        return evaluated;
    }

    private NDArray whole(Head.Input wanted) {
        NDArray before = outputs.get(wanted);
        if (before != null) {
            return before;
        }
        boolean training = trained.test(new Part.OfHead(wanted.exit(), wanted.output()));
        Optional<NDArray> direct = known.output(wanted, training);
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
        NDArray before = activations.get(exit);
        if (before != null) {
            return before;
        }
        NDArray activation = known.activation(exit).orElseGet(() -> forward(exit, activation(exit - 1)));
        activations.put(exit, activation);
        return activation;
    }

    private NDArray forward(int exit, NDArray before) {
        if (frozen != null && exit <= frozen.last()) {
            return frozen.forward(exit, before);
        }
        // DJL refuses BatchNorm over a single value, the engine itself does not.
        if (compiled != null && compiled.has(exit) && before.getShape().get(0) > 1) {
            return compiled.forward(exit, before);
        }
        NDArray activation =
                network.forwardStage(network.parameters(), exit, before, trained.test(new Part.OfStage(exit)));
        return compiled == null ? activation : compiled.betweenStages(exit, activation);
    }
}
