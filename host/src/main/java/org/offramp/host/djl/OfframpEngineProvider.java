package org.offramp.host.djl;

import ai.djl.engine.Engine;
import ai.djl.engine.EngineProvider;

/** Makes the engine {@code Offramp} known to DJL. It never becomes the default engine by itself. */
public final class OfframpEngineProvider implements EngineProvider {
    private static final int LAST = 1000;

    /** Does nothing; called by the service loader. */
    public OfframpEngineProvider() {}

    @Override
    public String getEngineName() {
        return OfframpEngine.NAME;
    }

    @Override
    public int getEngineRank() {
        return LAST;
    }

    @Override
    public Engine getEngine() {
        return Holder.ENGINE;
    }

    /** Loads the native library not before an engine is asked for. */
    private static final class Holder {
        private static final Engine ENGINE = new OfframpEngine(Engine.getEngine("PyTorch"));
    }
}
