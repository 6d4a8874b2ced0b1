package org.offramp.host.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.offramp.api.Backbone;
import org.offramp.api.ExitTrainer;
import org.offramp.api.HeadOutput;
import org.offramp.api.Part;
import org.offramp.api.Phase;
import org.offramp.host.data.DataSplits;
import org.offramp.host.data.Normalization;
import org.offramp.host.network.Network;
import org.offramp.host.strategy.TrainedNetworks;
import org.offramp.host.training.Progress;
import org.offramp.host.training.Training;
import org.offramp.host.training.WhenToCompile;

/** How fast the host's training loop goes: cross entropy at the last exit, all parameters, Adam, batches of 64. */
final class TrainingRate {
    private static final int BATCH = 64;

    private final Supplier<Backbone> backbone;
    private final int steps;
    private final WhenToCompile compile;
    private final List<Long> times = new ArrayList<>();
    private long macs;

    TrainingRate(Supplier<Backbone> backbone, int steps, WhenToCompile compile) {
        this.backbone = backbone;
        this.steps = steps;
        this.compile = compile;
    }

    /** Forward MACs of a sample, once measured. */
    long macs() {
        return macs;
    }

    /** Measures one round more; its first steps do not count. */
    void measure() {
        times.addAll(round());
    }

    /** The median step of all rounds, as images per second. */
    double imagesPerSecond() {
        List<Long> sorted = new ArrayList<>(times);
        Collections.sort(sorted);
        return BATCH * 1e9 / sorted.get(sorted.size() / 2);
    }

    private List<Long> round() {
        List<Long> stamps = new ArrayList<>();
        try (Network network = Network.assemble(backbone.get(), List.of(), 1)) {
            macs = network.backboneMacs();
            Path directory = Files.createTempDirectory("offramp-bench");
            Noise noise = new Noise(network.inputShape(), network.classes(), 2 * steps * BATCH);
            DataSplits splits = DataSplits.of(noise, 0, 0.5, false, Normalization.Kind.NONE, 1);
            Training.run(
                    network,
                    splits,
                    List.of(new Training.Step("bench", trainer(), directory)),
                    1,
                    stamping(stamps),
                    true,
                    compile);
            TrainedNetworks.discard(directory);
        } catch (IOException e) {
            throw new UncheckedIOException("no place for the checkpoints of a measured training", e);
        }
        List<Long> counted = new ArrayList<>();
        for (int i = stamps.size() / 3 + 1; i < stamps.size(); i++) {
            counted.add(stamps.get(i) - stamps.get(i - 1));
        }
        return counted;
    }

    private static ExitTrainer trainer() {
        return session -> {
            int last = session.network().exits();
            session.fit(Phase.of(
                    "all",
                    Set.of(new Part.OfStage(last)),
                    session.training(),
                    batch -> batch.output(last, HeadOutput.LOGITS)
                            .logSoftmax(-1)
                            .mul(batch.labels().oneHot(session.network().classes()))
                            .sum()
                            .neg()
                            .div(batch.size()),
                    last,
                    1,
                    BATCH));
        };
    }

    private static Progress stamping(List<Long> stamps) {
        return new Progress() {
            @Override
            public Task begin(String name, long steps) {
                return new Task() {
                    @Override
                    public void step(String message) {
                        stamps.add(System.nanoTime());
                    }

                    @Override
                    public void close() {}
                };
            }

            @Override
            public void say(String line) {}
        };
    }
}
