package org.offramp.backbones;

import java.util.List;
import org.offramp.api.BackboneFactory;
import org.offramp.api.StrategyPlugin;

/** Brings the backbones of this package. */
public final class BackbonesPlugin implements StrategyPlugin {
    /** Does nothing; called by the service loader. */
    public BackbonesPlugin() {}

    @Override
    public String name() {
        return "backbones";
    }

    @Override
    public List<BackboneFactory<?>> backbones() {
        return List.of(
                new ConvNet(),
                new Darknet(),
                new Residual(),
                new ResNet(),
                new MobileNetV3(),
                new EfficientNet(),
                new Mobile(),
                new Conv1dNet(),
                new Mlp(),
                new Autoencoder(),
                new Transformer(),
                new Bert(),
                new TorchScript());
    }
}
