package org.offramp.conformance;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.offramp.api.ExitTrainer;
import org.offramp.api.HeadOutput;
import org.offramp.api.Losses;
import org.offramp.api.Part;
import org.offramp.api.Phase;
import org.offramp.api.TrainingSession;
import org.offramp.host.data.DataSplits;
import org.offramp.host.data.Normalization;
import org.offramp.host.network.Network;
import org.offramp.host.training.Training;

/**
 * Trains one trainer behind its chain again and again, each time on a fresh small network. The chain before it is trained once for each
 * seed and place of the exits, on sound samples if that came first, and taken from its checkpoints afterwards.
 */
final class TrainerTrial implements AutoCloseable {
    static final double CALIBRATION = 0.15;
    static final long SPLIT_SEED = 1;

    private static final long NETWORK_SEED = 11;

    private final TrainerSubject<?> subject;
    private final Path directory;
    private int runs;

    TrainerTrial(TrainerSubject<?> subject) {
        this.subject = subject;
        try {
            directory = Files.createTempDirectory("offramp-conformance");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * What one training differs in.
     *
     * @param data the samples
     * @param validation the share of validation samples
     * @param otherExits the stages after which early exits are; empty for the network's usual ones
     * @param seed the run's seed
     * @param interruptAt the step of the trainer at which the thread is interrupted; 0 for never
     * @param resumes the run whose checkpoints are taken up; 0 for none
     * @param thenStage whether a phase that trains stage 1 follows, under the trainer's name and capabilities
     */
    record Setup(
            SeparableSet data,
            double validation,
            Optional<List<Integer>> otherExits,
            long seed,
            int interruptAt,
            int resumes,
            boolean thenStage) {
        static final Setup USUAL = new Setup(new SeparableSet(), 0.2, Optional.empty(), 1, 0, 0, false);

        Setup withData(SeparableSet other) {
            return new Setup(other, validation, otherExits, seed, interruptAt, resumes, thenStage);
        }

        Setup withoutValidation() {
            return new Setup(data, 0, otherExits, seed, interruptAt, resumes, thenStage);
        }

        Setup withExits(List<Integer> other) {
            return new Setup(data, validation, Optional.of(other), seed, interruptAt, resumes, thenStage);
        }

        Setup withSeed(long other) {
            return new Setup(data, validation, otherExits, other, interruptAt, resumes, thenStage);
        }

        Setup interruptedAt(int step) {
            return new Setup(data, validation, otherExits, seed, step, resumes, thenStage);
        }

        Setup resuming(int run) {
            return new Setup(data, validation, otherExits, seed, 0, run, thenStage);
        }

        Setup thenStageOne() {
            return new Setup(data, validation, otherExits, seed, interruptAt, resumes, true);
        }
    }

    /** The number of the latest run, for {@link Setup#resuming}. */
    int latest() {
        return runs;
    }

    /** Trains as usual. */
    TrainerRun run() {
        return run(Setup.USUAL.withData(new SeparableSet()));
    }

    /** Trains; the caller closes what comes back. */
    TrainerRun run(Setup setup) {
        runs++;
        DataSplits splits = DataSplits.of(
                setup.data(), setup.validation(), CALIBRATION, false, Normalization.Kind.NONE, SPLIT_SEED);
        Network network = Network.assemble(subject.network().backbone().get(), exits(setup), NETWORK_SEED);
        try {
            TrainerRun run = new TrainerRun(network, splits, new CountedSteps(setup.interruptAt()));
            run.train(chain(setup, run), setup.seed());
            return run;
        } catch (RuntimeException | Error e) {
            network.close();
            throw e;
        }
    }

    private List<Integer> exits(Setup setup) {
        return setup.otherExits().orElse(subject.network().exits());
    }

    private List<Training.Step> chain(Setup setup, TrainerRun run) {
        List<Training.Step> chain = new ArrayList<>();
        for (TrainerSubject<?> before : subject.chain()) {
            String name = "chain-" + chain.size() + exits(setup) + setup.seed() + "-" + setup.validation();
            chain.add(step(before, before.create(), name));
        }
        int number = setup.resumes() > 0 ? setup.resumes() : runs;
        chain.add(step(subject, session -> run.watch(session, subject.create()), "run-" + number));
        if (setup.thenStage()) {
            chain.add(step(subject, TrainerTrial::trainStageOne, "stage-" + number));
        }
        return chain;
    }

    private Training.Step step(TrainerSubject<?> link, ExitTrainer trainer, String name) {
        return new Training.Step(
                link.factory().name(), trainer, link.factory().capabilities(), directory.resolve(name));
    }

    private static void trainStageOne(TrainingSession session) {
        int last = session.network().exits();
        session.fit(Phase.of(
                "stage-one",
                Set.of(new Part.OfStage(1)),
                session.training(),
                batch -> Losses.crossEntropy(batch.output(last, HeadOutput.LOGITS), batch.labels()),
                last,
                1,
                16));
    }

    @Override
    public void close() {
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
