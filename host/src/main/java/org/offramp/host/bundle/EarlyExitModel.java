package org.offramp.host.bundle;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;
import org.offramp.api.ExitPolicy;
import org.offramp.api.FloatMatrix;
import org.offramp.host.calibration.Goal;
import org.offramp.host.calibration.Search;
import org.offramp.host.data.Normalization;
import org.offramp.host.graph.ArchiveException;
import org.offramp.host.graph.CompiledModule;
import org.offramp.host.inference.Answers;
import org.offramp.host.inference.EarlyExitRunner;
import org.offramp.host.inference.ExitRule;
import org.offramp.host.inference.ModuleStages;
import org.offramp.host.inference.SampleStream;
import org.offramp.host.network.NetworkPlan;
import org.offramp.host.plugin.PluginFinder;
import org.offramp.host.plugin.PluginRegistry;

/**
 * A bundle at work: answers samples with early exits. Thread-safe. Siblings made by {@link #withThreshold} and {@link #withGoal}
 * share its weights; the memory is freed when the last one is closed.
 */
public final class EarlyExitModel implements AutoCloseable {
    private final Bundle bundle;
    private final NetworkPlan plan;
    private final Normalization normalization;
    private final ExitPolicy policy;
    private final double[] thresholds;
    private final Shared shared;
    private final EarlyExitRunner runner;
    private boolean closed;

    private EarlyExitModel(Bundle bundle, ExitPolicy policy, double[] thresholds, Shared shared) {
        this.bundle = bundle;
        this.plan = bundle.plan();
        this.normalization = bundle.normalization();
        this.policy = policy;
        this.thresholds = thresholds;
        this.shared = shared;
        this.runner = new EarlyExitRunner(plan, new ModuleStages(shared.module));
        shared.users.incrementAndGet();
    }

    /** The compiled stages, and how many models use them. */
    private static final class Shared {
        private final CompiledModule module;
        private final byte[] calibration;
        private final AtomicInteger users = new AtomicInteger();
        private final ReadWriteLock lock = new ReentrantReadWriteLock();

        Shared(CompiledModule module, byte[] calibration) {
            this.module = module;
            this.calibration = calibration;
        }
    }

    /**
     * An answer.
     *
     * @param index the predicted class
     * @param className its name
     * @param probabilities the probability of every class
     * @param exit where the sample left, counted from 1
     * @param score the policy's score there
     * @param macs what the answer cost
     */
    public record Prediction(int index, String className, float[] probabilities, int exit, float score, long macs) {}

    /**
     * Loads a bundle, with the plugins of the class path and of folders. Of the plugins that took part in the training only the one
     * that brings the exit policy is needed.
     *
     * @param directory the bundle
     * @param plugins folders that hold one directory per plugin; also a plugin's own directory
     * @throws BundleException if a file is missing or was changed, or the policy's plugin is not there
     */
    public static EarlyExitModel load(Path directory, Path... plugins) {
        Engine.getInstance();
        return load(directory, PluginFinder.find(List.of(plugins), EarlyExitModel.class.getClassLoader()));
    }

    /**
     * Loads a bundle. Everything is checked and read now: a directory that changes later does not change the model.
     *
     * @param directory the bundle
     * @param registry where its policy is
     * @throws BundleException if a file is missing or was changed, or the policy is not there
     */
    public static EarlyExitModel load(Path directory, PluginRegistry registry) {
        Bundle bundle = Bundle.open(directory);
        bundle.verify();
        ExitPolicy policy = bundle.policy(registry);
        byte[] stages = bundle.stages();
        byte[] calibration = bundle.calibration();
        CompiledModule module;
        try {
            module = new CompiledModule(stages);
        } catch (EngineException | ArchiveException | UncheckedIOException e) {
            throw new BundleException(directory + ": its stages cannot be loaded: " + e.getMessage(), e);
        }
        return new EarlyExitModel(bundle, policy, bundle.manifest().thresholdValues(), new Shared(module, calibration));
    }

    Bundle bundle() {
        return bundle;
    }

    /** The shape of one sample, without the batch dimension. */
    public Shape inputShape() {
        return plan.inputShape();
    }

    /** The class names. */
    public List<String> classNames() {
        return bundle.manifest().classNames();
    }

    /** The MACs of the plain backbone for one sample. */
    public long backboneMacs() {
        return plan.backboneMacs();
    }

    /** For exit 1 … N the MACs of a sample that leaves there, evaluated heads included. */
    public long[] cumulativeMacs() {
        return plan.costs();
    }

    /** The thresholds, one per early exit. */
    public double[] thresholds() {
        return thresholds.clone();
    }

    /**
     * The same model with other thresholds.
     *
     * @param others one for all early exits, or one each
     * @throws IllegalStateException if this model was closed
     */
    public EarlyExitModel withThreshold(double... others) {
        double[] all = others.length == 1 ? new double[plan.exits() - 1] : others.clone();
        if (others.length == 1) {
            Arrays.fill(all, others[0]);
        }
        if (all.length != plan.exits() - 1) {
            throw new IllegalArgumentException(
                    others.length + " thresholds for " + (plan.exits() - 1) + " early exits; give one, or one each");
        }
        shared.lock.readLock().lock();
        try {
            requireOpen();
            return new EarlyExitModel(bundle, policy, all, shared);
        } finally {
            shared.lock.readLock().unlock();
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the model was closed");
        }
    }

    /**
     * The same model with thresholds for another goal, chosen on the bundle's calibration samples.
     *
     * @param goal the goal
     */
    public EarlyExitModel withGoal(Goal goal) {
        return withThreshold(bundle.thresholds(shared.calibration, goal, Search.of(Search.Method.GLOBAL))
                .values());
    }

    /**
     * Answers samples.
     *
     * @param samples each with {@code inputShape().size()} values in row-major order, not normalised (images in 0 … 1)
     * @return one answer per sample, in order
     * @throws IllegalArgumentException if a sample has another number of values, or one that is not finite
     * @throws IllegalStateException if the model was closed
     */
    public List<Prediction> predict(float[]... samples) {
        Answers answers = answers(samples);
        List<Prediction> predictions = new ArrayList<>(samples.length);
        for (int i = 0; i < samples.length; i++) {
            predictions.add(prediction(answers, i));
        }
        return predictions;
    }

    private Prediction prediction(Answers answers, int i) {
        int exit = answers.exits()[i];
        return new Prediction(
                answers.predictions()[i],
                classNames().get(answers.predictions()[i]),
                answers.probabilities().row(i),
                exit,
                answers.scores()[i],
                plan.cumulativeMacs().get(exit - 1));
    }

    /**
     * Starts a stream: requests come one by one and share batches before every stage, whenever they came. The stream keeps the weights open
     * until it is closed.
     *
     * @param settings batch, longest wait and capacity
     * @throws IllegalStateException if the model was closed
     */
    public EarlyExitStream stream(SampleStream.Settings settings) {
        EarlyExitModel sibling = withThreshold(thresholds);
        return new EarlyExitStream(
                sibling,
                answers -> sibling.prediction(answers, 0),
                new SampleStream(plan, new ModuleStages(shared.module), ExitRule.of(policy, thresholds), settings));
    }

    /**
     * Answers samples with the plain backbone, without exits and heads: what an early exit is to be compared with.
     *
     * @param samples as of {@link #predict}
     * @return the class probabilities, {@code samples × K}
     */
    public FloatMatrix predictBackbone(float[]... samples) {
        return with(samples, batch -> runner.backbone(batch).softmax());
    }

    /** The answers with their logits. */
    Answers answers(float[]... samples) {
        return with(samples, batch -> runner.run(batch, ExitRule.of(policy, thresholds)));
    }

    private <T> T with(float[][] samples, Function<NDArray, T> work) {
        int size = (int) plan.inputShape().size();
        ByteBuffer buffer = ByteBuffer.allocateDirect(4 * size * samples.length).order(ByteOrder.nativeOrder());
        for (int i = 0; i < samples.length; i++) {
            for (float value : prepared(samples[i], "sample " + i)) {
                buffer.putFloat(value);
            }
        }
        buffer.rewind();
        shared.lock.readLock().lock();
        try (NDManager manager = NDManager.newBaseManager()) {
            requireOpen();
            return work.apply(
                    manager.create(buffer.asFloatBuffer(), new Shape(samples.length).addAll(plan.inputShape())));
        } finally {
            shared.lock.readLock().unlock();
        }
    }

    /** A sample normalised. */
    float[] prepared(float[] sample) {
        return prepared(sample, "the sample");
    }

    private float[] prepared(float[] sample, String name) {
        int size = (int) plan.inputShape().size();
        if (sample.length != size) {
            throw new IllegalArgumentException(name + " has " + sample.length + " values; the model takes " + size
                    + ", of shape " + plan.inputShape());
        }
        float[] values = sample.clone();
        for (int i = 0; i < size; i++) {
            if (!Float.isFinite(values[i])) {
                throw new IllegalArgumentException(name + ": value " + i + " is " + values[i]);
            }
        }
        normalization.apply(values, 0, size);
        return values;
    }

    /** Waits for predictions under way; the weights are freed with the last sibling. */
    @Override
    public void close() {
        shared.lock.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                if (shared.users.decrementAndGet() == 0) {
                    shared.module.close();
                }
            }
        } finally {
            shared.lock.writeLock().unlock();
        }
    }
}
