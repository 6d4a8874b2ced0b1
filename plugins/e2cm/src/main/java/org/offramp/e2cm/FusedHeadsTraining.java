package org.offramp.e2cm;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.offramp.api.ExitLoss;
import org.offramp.api.ExitTrainer;
import org.offramp.api.FloatMatrix;
import org.offramp.api.Head;
import org.offramp.api.HeadOutput;
import org.offramp.api.Key;
import org.offramp.api.Losses;
import org.offramp.api.Optimization;
import org.offramp.api.Part;
import org.offramp.api.Phase;
import org.offramp.api.Samples;
import org.offramp.api.TemperatureScaling;
import org.offramp.api.TrainerFactory;
import org.offramp.api.TrainingException;
import org.offramp.api.TrainingSession;

/**
 * {@code e2cm-heads}, after {@code e2cm}: classifiers whose input is the activation with the distances appended,
 * trained with the backbone frozen (E2CM + SDN, Görmez et al. 2022). They begin as the class means' own answer; see {@link FusedHead}.
 */
public final class FusedHeadsTraining implements TrainerFactory<FusedHeadsTraining.Config> {
    private static final int FEW = 100;
    private static final int ENOUGH = 2_000;

    /**
     * The keys of {@code e2cm-heads}.
     *
     * @param epochs passes over the training samples
     * @param samples how many training samples
     * @param batchSize samples per step
     * @param optimization the update rule
     */
    public record Config(
            @Key(value = "passes over the training samples", defaultValue = "5", min = 1, max = 100_000)
            int epochs,

            @Key(value = "training samples, drawn at random; 0 for all", defaultValue = "0", min = 0)
            int samples,

            @Key(value = "samples per step", defaultValue = "128", min = 1, max = 65_536)
            int batchSize,

            @Key(value = "how parameters are updated", defaultValue = "{}")
            Optimization optimization) {}

    @Override
    public String name() {
        return "e2cm-heads";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public ExitTrainer create(Config config) {
        return new FusedHeads(config);
    }

    private record FusedHeads(Config config) implements ExitTrainer {
        @Override
        public void train(TrainingSession session) {
            int early = session.network().exits() - 1;
            for (int exit = 1; exit <= early; exit++) {
                if (!session.network().has(exit, HeadOutput.DISTANCES)) {
                    throw new TrainingException(
                            "e2cm-heads: exit " + exit + " has no distances; put the trainer e2cm before it");
                }
            }
            if (early == 0) {
                return;
            }
            double[] sharpness = sharpness(session, early);
            for (int exit = 1; exit <= early; exit++) {
                session.report("sharpness/exit-" + exit, sharpness[exit - 1]);
                session.attach(new Head(
                        exit,
                        HeadOutput.LOGITS,
                        new FusedHead(session.network().classes(), sharpness[exit - 1]),
                        List.of(new Head.Input(exit, HeadOutput.DISTANCES))));
            }
            session.fit(Phase.of(
                            "heads",
                            Part.heads(HeadOutput.LOGITS, 1, early),
                            config.samples() == 0
                                    ? session.training()
                                    : session.training().draw(config.samples(), session.random()),
                            batch -> loss(batch, early),
                            early,
                            config.epochs(),
                            config.batchSize())
                    .withOptimization(config.optimization()));
        }

        /** Σ CE_n / N over the early exits. */
        private static NDArray loss(ExitLoss.Batch batch, int early) {
            NDArray sum = Losses.crossEntropy(batch.output(1, HeadOutput.LOGITS), batch.labels());
            for (int exit = 2; exit <= early; exit++) {
                sum = sum.add(Losses.crossEntropy(batch.output(exit, HeadOutput.LOGITS), batch.labels()));
            }
            return sum.div(early);
        }

        /** β of every early exit, fitted on samples that no mean was made of where there are enough. */
        private static double[] sharpness(TrainingSession session, int early) {
            Samples samples = session.validation().size() >= FEW ? session.validation() : session.training();
            Samples some = samples.draw(ENOUGH, session.random());
            List<float[][]> parts = new ArrayList<>();
            List<int[]> labels = new ArrayList<>();
            session.reduce(some, early, (activations, evidence, batchLabels) -> {
                float[][] each = new float[early][];
                for (int exit = 1; exit <= early; exit++) {
                    each[exit - 1] = evidence.output(exit, HeadOutput.DISTANCES).toArray();
                }
                parts.add(each);
                labels.add(batchLabels);
            });
            int[] all = labels.stream().flatMapToInt(Arrays::stream).toArray();
            double[] sharpness = new double[early];
            for (int exit = 0; exit < early; exit++) {
                sharpness[exit] = 1
                        / TemperatureScaling.fit(
                                negated(
                                        parts,
                                        exit,
                                        all.length,
                                        session.network().classes()),
                                all);
            }
            return sharpness;
        }

        /** −d̂ of all batches. */
        private static FloatMatrix negated(List<float[][]> parts, int exit, int rows, int columns) {
            float[] values = new float[rows * columns];
            int at = 0;
            for (float[][] part : parts) {
                for (float distance : part[exit]) {
                    values[at++] = -distance;
                }
            }
            return FloatMatrix.wrap(values, rows, columns);
        }
    }
}
