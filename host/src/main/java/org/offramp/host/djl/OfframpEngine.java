package org.offramp.host.djl;

import ai.djl.Device;
import ai.djl.Model;
import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.SymbolBlock;
import ai.djl.training.GradientCollector;
import org.jspecify.annotations.Nullable;

/** PyTorch's arrays with models that are bundles. */
final class OfframpEngine extends Engine {
    static final String NAME = "Offramp";

    private final Engine arrays;

    OfframpEngine(Engine arrays) {
        this.arrays = arrays;
    }

    @Override
    @SuppressWarnings("NullAway") // DJL says that there is no alternative with null.
    public @Nullable Engine getAlternativeEngine() {
        return null;
    }

    @Override
    public String getEngineName() {
        return NAME;
    }

    @Override
    public int getRank() {
        return new OfframpEngineProvider().getEngineRank();
    }

    @Override
    public String getVersion() {
        String version = OfframpEngine.class.getPackage().getImplementationVersion();
        return (version == null ? "development" : version) + " on " + arrays.getEngineName() + " "
                + arrays.getVersion();
    }

    @Override
    public boolean hasCapability(String capability) {
        return arrays.hasCapability(capability);
    }

    @Override
    public SymbolBlock newSymbolBlock(NDManager manager) {
        return arrays.newSymbolBlock(manager);
    }

    @Override
    public Model newModel(String name, @Nullable Device device) {
        if (device != null && !device.equals(Device.cpu())) {
            throw new IllegalArgumentException(name + ": the device " + device + "; bundles run on the cpu");
        }
        return new OfframpModel(name, arrays.newBaseManager(Device.cpu()));
    }

    @Override
    public NDManager newBaseManager() {
        return arrays.newBaseManager();
    }

    @Override
    public NDManager newBaseManager(Device device) {
        return arrays.newBaseManager(device);
    }

    @Override
    public GradientCollector newGradientCollector() {
        return arrays.newGradientCollector();
    }

    @Override
    public void setRandomSeed(int seed) {
        super.setRandomSeed(seed);
        arrays.setRandomSeed(seed);
    }
}
