package org.offramp.datasets;

import java.util.List;
import org.offramp.api.DatasetFactory;
import org.offramp.api.StrategyPlugin;

/** Brings the datasets that come with Offramp. */
public final class DatasetsPlugin implements StrategyPlugin {
    @Override
    public String name() {
        return "datasets";
    }

    @Override
    public List<DatasetFactory<?>> datasets() {
        return List.of(
                new GlyphsFactory(),
                IdxFactory.fashionMnist(),
                IdxFactory.mnist(),
                IdxFactory.generic(),
                new DigitsFactory(),
                NpyWindowsFactory.motionSense(),
                NpyWindowsFactory.generic(),
                new ImageFolderFactory(),
                CifarFactory.cifar10(),
                CifarFactory.cifar100(),
                new TextCsvFactory());
    }
}
