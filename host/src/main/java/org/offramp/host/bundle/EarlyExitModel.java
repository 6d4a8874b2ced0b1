package org.offramp.host.bundle;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.offramp.api.ExitPolicy;
import org.offramp.api.FloatMatrix;
import org.offramp.api.TextEncoding;
import org.offramp.host.calibration.Goal;
import org.offramp.host.calibration.Search;
import org.offramp.host.data.Normalization;
import org.offramp.host.graph.ArchiveException;
import org.offramp.host.graph.CompiledModule;
import org.offramp.host.inference.Answers;
import org.offramp.host.inference.ArchivedStages;
import org.offramp.host.inference.EarlyExitRunner;
import org.offramp.host.inference.ExitRule;
import org.offramp.host.inference.ModuleStages;
import org.offramp.host.inference.SampleStream;
import org.offramp.host.inference.StageRunner;
import org.offramp.host.network.NetworkPlan;
import org.offramp.host.plugin.PluginFinder;
import org.offramp.host.plugin.PluginRegistry;

/**
 * A bundle at work: answers samples with early exits. Thread-safe. Siblings made by {@link #withThreshold} and {@link #withGoal}
 * share its weights; the memory is freed when the last one is closed.
 */
public final class EarlyExitModel implements AutoCloseable {
    /** The system property that says that TorchScript from elsewhere may run. */
    static final String TRUST = "offramp.trust-torchscript";

    private final Bundle bundle;
    private final NetworkPlan plan;
    private final Normalization normalization;
    private final ExitPolicy policy;
    private final double[] thresholds;
    private final Shared shared;
    private final EarlyExitRunner runner;
    private final ExitRule rule;
    private boolean closed;

    private EarlyExitModel(Bundle bundle, ExitPolicy policy, double[] thresholds, Shared shared) {
        this.bundle = bundle;
        this.plan = bundle.plan();
        this.normalization = bundle.normalization();
        this.policy = policy;
        this.thresholds = thresholds;
        this.shared = shared;
        this.runner = new EarlyExitRunner(plan, shared.stages);
        this.rule = ExitRule.of(policy, thresholds);
        shared.users.incrementAndGet();
    }

    /** The compiled stages, and how many models use them. */
    private static final class Shared {
        private final StageRunner stages;
        private final byte[] calibration;
        private final Supplier<TextEncoding> texts;
        private final AtomicInteger users = new AtomicInteger();
        private final ReadWriteLock lock = new ReentrantReadWriteLock();
        /** As many as calls were ever under way at once, each as large as the largest batch it held. */
        private final Queue<Workspace> free = new ConcurrentLinkedQueue<>();

        private @Nullable TextEncoding encoding;

        Shared(StageRunner stages, byte[] calibration, Supplier<TextEncoding> texts) {
            this.stages = stages;
            this.calibration = calibration;
            this.texts = texts;
        }

        Workspace workspace(Shape sample) {
            Workspace workspace = free.poll();
            return workspace == null ? new Workspace(sample) : workspace;
        }

        /** Made when it is first asked for: most bundles are of other samples. */
        synchronized TextEncoding encoding() {
            TextEncoding made = encoding == null ? texts.get() : encoding;
            encoding = made;
            return made;
        }

        synchronized void close() {
            stages.close();
            free.forEach(Workspace::close);
            free.clear();
            if (encoding != null) {
                encoding.close();
            }
        }
    }

    /** Memory that a call fills, as an array of the engine's over it; kept for the next call: making one costs as much as a head. */
    private static final class Workspace implements AutoCloseable {
        private final NDManager manager = NDManager.newBaseManager();
        private final Shape shape;
        private final float[] sample;
        private ByteBuffer memory = ByteBuffer.allocateDirect(0);
        private NDArray batch;

        Workspace(Shape shape) {
            this.shape = shape;
            this.sample = new float[(int) shape.size()];
            this.batch = array(0);
        }

        private NDArray array(int samples) {
            int bytes = Float.BYTES * sample.length * samples;
            if (memory.capacity() < bytes) {
                memory = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
            }
            memory.clear().limit(bytes);
            return manager.create(memory, new Shape(samples).addAll(shape), DataType.FLOAT32);
        }

        /** Where the values of {@link #batch} are to be put. */
        FloatBuffer values(int samples) {
            if (batch.getShape().get(0) != samples) {
                batch.close();
                batch = array(samples);
            }
            return memory.asFloatBuffer();
        }

        @Override
        public void close() {
            manager.close();
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
     * @throws BundleException if a file is missing or was changed, the policy's plugin is not there, or the backbone is TorchScript from elsewhere
     *     and the system property {@code offramp.trust-torchscript} is not {@code true}
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
        Map<String, byte[]> foreign = trusted(bundle, directory);
        byte[] calibration = bundle.calibration();
        Map<String, String> files = bundle.datasetFiles();
        StageRunner runner;
        try {
            runner = foreign.isEmpty()
                    ? new ModuleStages(new CompiledModule(stages))
                    : ArchivedStages.load(calls(bundle), foreign, stages);
        } catch (EngineException | ArchiveException | UncheckedIOException e) {
            throw new BundleException(directory + ": its stages cannot be loaded: " + e.getMessage(), e);
        }
        return new EarlyExitModel(
                bundle,
                policy,
                bundle.manifest().thresholdValues(),
                new Shared(runner, calibration, () -> bundle.texts(files, registry)));
    }

    private static List<List<ArchivedStages.Call>> calls(Bundle bundle) {
        return bundle.manifest().exits().stream()
                .map(exit -> exit.archived().stream()
                        .map(each -> new ArchivedStages.Call(each.file(), each.method()))
                        .toList())
                .toList();
    }

    /** The archives from elsewhere, which are programs that nobody checked: only for those who said that they trust them. */
    private static Map<String, byte[]> trusted(Bundle bundle, Path directory) {
        if (!bundle.manifest().archives().isEmpty() && !Boolean.getBoolean(TRUST)) {
            throw new BundleException(directory + ": its backbone is TorchScript from elsewhere ("
                    + String.join(", ", bundle.manifest().archives())
                    + "), a program that Offramp cannot check. If you trust its origin set the system property " + TRUST
                    + "=true; for the command line JAVA_OPTS=-D" + TRUST + "=true");
        }
        return bundle.archives();
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

    /**
     * The sample of a text, as the dataset made them that the bundle was trained on; for {@link #predict} and streams.
     *
     * @param text the text
     * @throws BundleException if samples are not made of texts, or the plugin of the dataset is not there
     * @throws IllegalStateException if the model was closed
     */
    public float[] sample(String text) {
        shared.lock.readLock().lock();
        try {
            requireOpen();
            return shared.encoding().encode(text);
        } finally {
            shared.lock.readLock().unlock();
        }
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
                new SampleStream(plan, shared.stages, rule, settings));
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
        return with(samples, batch -> runner.run(batch, rule));
    }

    private <T> T with(float[][] samples, Function<NDArray, T> work) {
        int size = (int) plan.inputShape().size();
        shared.lock.readLock().lock();
        try {
            requireOpen();
            Workspace workspace = shared.workspace(plan.inputShape());
            try {
                FloatBuffer values = workspace.values(samples.length);
                for (int i = 0; i < samples.length; i++) {
                    String problem = problem(samples[i]);
                    if (!problem.isEmpty()) {
                        throw new IllegalArgumentException("sample " + i + problem);
                    }
                    System.arraycopy(samples[i], 0, workspace.sample, 0, size);
                    normalization.apply(workspace.sample, 0, size);
                    values.put(workspace.sample);
                }
                return work.apply(workspace.batch);
            } finally {
                shared.free.add(workspace);
            }
        } finally {
            shared.lock.readLock().unlock();
        }
    }

    /** A sample normalised. */
    float[] prepared(float[] sample) {
        String problem = problem(sample);
        if (!problem.isEmpty()) {
            throw new IllegalArgumentException("the sample" + problem);
        }
        float[] values = sample.clone();
        normalization.apply(values, 0, values.length);
        return values;
    }

    /** What is wrong with a sample; empty if nothing. */
    private String problem(float[] sample) {
        long size = plan.inputShape().size();
        if (sample.length != size) {
            return " has " + sample.length + " values; the model takes " + size + ", of shape " + plan.inputShape();
        }
        for (int i = 0; i < size; i++) {
            if (!Float.isFinite(sample[i])) {
                return ": value " + i + " is " + sample[i];
            }
        }
        return "";
    }

    /** Waits for predictions under way; the weights are freed with the last sibling. */
    @Override
    public void close() {
        shared.lock.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                if (shared.users.decrementAndGet() == 0) {
                    shared.close();
                }
            }
        } finally {
            shared.lock.writeLock().unlock();
        }
    }
}
