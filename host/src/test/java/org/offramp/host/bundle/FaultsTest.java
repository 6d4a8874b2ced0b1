package org.offramp.host.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import ai.djl.util.NativeResource;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.offramp.host.bundle.EarlyExitModel.Prediction;
import org.offramp.host.calibration.Goal;
import org.offramp.host.inference.InferenceException;
import org.offramp.host.testing.TestBundles;

/** What goes wrong in service, and what a running model does then. */
class FaultsTest {
    private static final Path BUNDLE = TestBundles.golden().resolve("format-1");

    private final float[][] samples = TestBundles.samples(30, 4);

    private static void same(List<Prediction> given, List<Prediction> expected) {
        assertThat(given).hasSameSizeAs(expected);
        for (int i = 0; i < given.size(); i++) {
            assertThat(given.get(i).index()).isEqualTo(expected.get(i).index());
            assertThat(given.get(i).exit()).isEqualTo(expected.get(i).exit());
            assertThat(given.get(i).score()).isCloseTo(expected.get(i).score(), within(1e-5f));
        }
    }

    @Test
    void aDirectoryThatChangesDoesNotChangeARunningModel(@TempDir Path folder) throws IOException {
        Path bundle = TestBundles.copy(BUNDLE, folder.resolve("bundle"));
        try (EarlyExitModel model = EarlyExitModel.load(bundle)) {
            List<Prediction> before = model.predict(samples);
            Files.writeString(bundle.resolve("stages.pt"), "something else");
            try (Stream<Path> files = Files.list(bundle)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(bundle);
            same(model.predict(samples), before);
            try (EarlyExitModel cheap = model.withGoal(new Goal.MaxMacs(0.91));
                    EarlyExitModel never = model.withThreshold(Double.POSITIVE_INFINITY)) {
                assertThat(cheap.predict(samples)).hasSize(samples.length);
                assertThat(never.predict(samples)).extracting(Prediction::exit).containsOnly(3);
            }
            assertThatThrownBy(() -> EarlyExitModel.load(bundle)).hasMessageContaining("not a bundle");
        }
    }

    @Test
    void pixelsOutOfRangeAreAnsweredAndOnesThatOverflowAreNamed() {
        float[] bright = samples[0].clone();
        bright[5] = 255;
        bright[6] = -3;
        float[] huge = samples[1].clone();
        Arrays.fill(huge, Float.MAX_VALUE);
        try (EarlyExitModel model = EarlyExitModel.load(BUNDLE)) {
            float sum = 0;
            for (float probability : model.predict(bright).get(0).probabilities()) {
                sum += probability;
            }
            assertThat(sum).isCloseTo(1, within(1e-5f));
            assertThatThrownBy(() -> model.predict(samples[0], huge))
                    .isInstanceOf(InferenceException.class)
                    .hasMessageContaining("sample 1");
        }
    }

    @Test
    void wrongSamplesAreNamedBeforeAnythingIsComputed() {
        try (EarlyExitModel model = EarlyExitModel.load(BUNDLE)) {
            assertThatThrownBy(() -> model.predict(samples[0], new float[143]))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("sample 1 has 143 values; the model takes 144, of shape (1, 12, 12)");
            for (float wrong : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
                float[] sample = samples[2].clone();
                sample[7] = wrong;
                assertThatThrownBy(() -> model.predict(samples[0], samples[1], sample))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("sample 2: value 7 is " + wrong);
            }
            assertThat(model.predict()).isEmpty();
        }
    }

    @Test
    void eightThreadsAtOnceGetTheAnswersOfOne() throws Exception {
        try (EarlyExitModel model = EarlyExitModel.load(BUNDLE)) {
            List<Prediction> expected = model.predict(samples);
            inThreads(8, () -> {
                for (int round = 0; round < 25; round++) {
                    same(model.predict(samples), expected);
                    same(model.predict(samples[round]), expected.subList(round, round + 1));
                }
                return 0;
            });
        }
    }

    @Test
    void closingWaitsForPredictionsUnderWayAndLaterOnesAreRefused() throws Exception {
        EarlyExitModel model = EarlyExitModel.load(BUNDLE);
        EarlyExitModel sibling = model.withThreshold(Double.POSITIVE_INFINITY);
        List<Prediction> expected = model.predict(samples);
        List<Integer> answered = inThreads(4, () -> {
            int count = 0;
            try {
                while (true) {
                    same(model.predict(samples), expected);
                    count++;
                    if (count == 20) {
                        model.close();
                    }
                }
            } catch (IllegalStateException e) {
                assertThat(e).hasMessageContaining("the model was closed");
            }
            return count;
        });
        assertThat(answered).allMatch(count -> count <= 20).anyMatch(count -> count == 20);
        assertThat(sibling.predict(samples)).extracting(Prediction::exit).containsOnly(3);
        sibling.close();
        sibling.close();
        assertThatThrownBy(() -> sibling.predict(samples)).hasMessageContaining("the model was closed");
        assertThatThrownBy(() -> model.withThreshold(0.5)).hasMessageContaining("the model was closed");
    }

    @Test
    void anInterruptedThreadLoadsAndAnswersAndStaysInterrupted() {
        try (EarlyExitModel model = EarlyExitModel.load(BUNDLE)) {
            List<Prediction> expected = model.predict(samples);
            Thread.currentThread().interrupt();
            same(model.predict(samples), expected);
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
            try (EarlyExitModel another = EarlyExitModel.load(BUNDLE)) {
                same(another.predict(samples), expected);
            }
            assertThat(Thread.interrupted()).isTrue();
        }
    }

    @Test
    void neitherAnswersNorErrorsLeaveArraysOpen() throws Exception {
        float[] huge = samples[1].clone();
        Arrays.fill(huge, Float.MAX_VALUE);
        try (EarlyExitModel model = EarlyExitModel.load(BUNDLE);
                NDScope scope = new NDScope()) {
            model.predict(samples);
            long afterFirst = open(scope);
            for (int round = 0; round < 50; round++) {
                model.predict(samples);
                model.predict(samples[round % samples.length]);
                model.predictBackbone(samples);
                assertThatThrownBy(() -> model.predict(samples[0], huge)).isInstanceOf(InferenceException.class);
                try (EarlyExitModel sibling = model.withThreshold(0.5)) {
                    sibling.predict(samples);
                }
            }
            assertThat(open(scope)).isLessThanOrEqualTo(afterFirst);
        }
    }

    /** The arrays of this thread that are still open. */
    private static long open(NDScope scope) throws ReflectiveOperationException {
        Field resources = NDScope.class.getDeclaredField("resources");
        resources.setAccessible(true);
        long count = 0;
        for (Object array : ((Map<?, ?>) resources.get(scope)).keySet()) {
            count += array instanceof NDArray && array instanceof NativeResource<?> native_ && !native_.isReleased()
                    ? 1
                    : 0;
        }
        return count;
    }

    private static <T> List<T> inThreads(int count, Callable<T> work) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(count);
        try {
            List<Callable<T>> all = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                all.add(work);
            }
            List<T> results = new ArrayList<>();
            for (Future<T> future : threads.invokeAll(all)) {
                results.add(future.get());
            }
            return results;
        } finally {
            threads.shutdownNow();
        }
    }
}
