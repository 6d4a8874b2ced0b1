package org.offramp.host.djl;

import ai.djl.BaseModel;
import ai.djl.Device;
import ai.djl.MalformedModelException;
import ai.djl.inference.Predictor;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.TranslateException;
import ai.djl.translate.Translator;
import ai.djl.util.PairList;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.offramp.host.bundle.BundleException;
import org.offramp.host.bundle.EarlyExitModel;
import org.offramp.host.config.ConfigurationException;

/**
 * A bundle as a DJL model. Options: {@code threshold} (another threshold for all early exits), {@code plugins} (folders with
 * plugins, separated as on a class path), {@code output} ({@code probabilities}, {@code log-probabilities} or {@code all}). Closing
 * waits for predictions under way.
 */
public final class OfframpModel extends BaseModel {
    private static final String CLASS_NAMES = "synset.txt";

    private final ReadWriteLock lock = new ReentrantReadWriteLock();
    private @Nullable EarlyExitModel bundle;
    private boolean closed;

    OfframpModel(String name, NDManager manager) {
        super(name);
        this.manager = manager;
        this.dataType = DataType.FLOAT32;
    }

    @Override
    public void load(Path modelPath, @Nullable String prefix, @Nullable Map<String, ?> options)
            throws IOException, MalformedModelException {
        if (block != null) {
            throw new IllegalStateException(
                    modelName + ": a bundle brings its own block; load it without one, and once");
        }
        setModelDir(modelPath);
        Map<String, ?> given = options == null ? Map.of() : options;
        try {
            OutputKind output = OutputKind.of(given.get("output"));
            EarlyExitModel loaded = loadBundle(given);
            bundle = loaded;
            block = new EarlyExitBlock(loaded, output);
            wasLoaded = true;
        } catch (BundleException | ConfigurationException | IllegalArgumentException e) {
            close();
            throw new MalformedModelException(e.getMessage(), e);
        }
    }

    private EarlyExitModel loadBundle(Map<String, ?> options) {
        Object folders = options.get("plugins");
        Path[] plugins = folders == null
                ? new Path[0]
                : Arrays.stream(folders.toString().split(java.io.File.pathSeparator, -1))
                        .map(Path::of)
                        .toArray(Path[]::new);
        Object threshold = options.get("threshold");
        EarlyExitModel loaded = EarlyExitModel.load(modelDir, plugins);
        if (threshold == null) {
            return loaded;
        }
        try (loaded) {
            return loaded.withThreshold(Double.parseDouble(threshold.toString()));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("option threshold: '" + threshold + "'; a number is needed", e);
        }
    }

    /**
     * The bundle at work; closed with this model.
     *
     * @throws IllegalStateException if nothing was loaded
     */
    public EarlyExitModel bundle() {
        if (bundle == null) {
            throw new IllegalStateException(modelName + ": no bundle was loaded");
        }
        return bundle;
    }

    @Override
    public <I, O> Predictor<I, O> newPredictor(Translator<I, O> translator, Device device) {
        if (!device.equals(Device.cpu())) {
            throw new IllegalArgumentException(modelName + ": the device " + device + "; bundles run on the cpu");
        }
        return new Predictor<>(this, translator, device, false) {
            @Override
            public List<O> batchPredict(List<I> inputs) throws TranslateException {
                lock.readLock().lock();
                try {
                    if (closed) {
                        throw new TranslateException(modelName + ": the model was closed");
                    }
                    return super.batchPredict(inputs);
                } finally {
                    lock.readLock().unlock();
                }
            }
        };
    }

    /** The class names are an artifact that translators ask for; other artifacts are files of the bundle. */
    @Override
    public InputStream getArtifactAsStream(String name) throws IOException {
        return name.equals(CLASS_NAMES)
                ? new ByteArrayInputStream(bundle().classNames().stream()
                        .map(className -> className.replaceAll("\\R", " "))
                        .collect(Collectors.joining("\n"))
                        .getBytes(StandardCharsets.UTF_8))
                : super.getArtifactAsStream(name);
    }

    @Override
    public String[] getArtifactNames() {
        return new String[] {CLASS_NAMES};
    }

    @Override
    public PairList<String, Shape> describeInput() {
        return block.describeInput();
    }

    @Override
    public PairList<String, Shape> describeOutput() {
        return ((EarlyExitBlock) block).describeOutput();
    }

    @Override
    public void close() {
        lock.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                if (bundle != null) {
                    bundle.close();
                }
                super.close();
            }
        } finally {
            lock.writeLock().unlock();
        }
    }
}
