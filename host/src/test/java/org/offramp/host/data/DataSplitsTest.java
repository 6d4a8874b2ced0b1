package org.offramp.host.data;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.offramp.api.Dataset;
import org.offramp.api.Examples;
import org.offramp.host.testing.Blobs;

class DataSplitsTest {
    private final Blobs blobs = new Blobs(40, 12);

    private static List<String> ids(SampleSet samples) {
        return IntStream.range(0, samples.size()).mapToObj(samples::id).toList();
    }

    @Test
    void samplesThatTheDatasetKeepsApartAreTheCalibrationSplit() {
        Dataset dataset = new Dataset() {
            @Override
            public Shape sampleShape() {
                return blobs.sampleShape();
            }

            @Override
            public List<String> classNames() {
                return blobs.classNames();
            }

            @Override
            public Examples train() {
                return blobs.train();
            }

            @Override
            public Optional<Examples> calibration() {
                return Optional.of(blobs.test());
            }

            @Override
            public Examples test() {
                throw new AssertionError("the test split was touched");
            }
        };
        DataSplits splits = DataSplits.of(dataset, 0.2, 0.5, false, Normalization.Kind.NONE, 1);
        assertThat(ids(splits.calibration())).hasSize(12).allMatch(id -> id.startsWith("test-"));
        assertThat(splits.training().size() + splits.validation().size()).isEqualTo(40);
        assertThat(splits.validation().size()).isBetween(1, 20);
        DataSplits whole = DataSplits.of(blobs, 0.2, 0.5, false, Normalization.Kind.NONE, 1);
        assertThat(whole.training().size()
                        + whole.validation().size()
                        + whole.calibration().size())
                .isEqualTo(40);
    }
}
