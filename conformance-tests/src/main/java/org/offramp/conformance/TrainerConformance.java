package org.offramp.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import ai.djl.ndarray.NDArray;
import java.lang.reflect.RecordComponent;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.offramp.api.Capability;
import org.offramp.api.Evidence;
import org.offramp.api.FloatMatrix;
import org.offramp.api.HeadOutput;
import org.offramp.api.Part;
import org.offramp.api.Phase;
import org.offramp.api.TrainingException;
import org.offramp.conformance.TrainerTrial.Setup;
import org.offramp.host.data.DataSplits;
import org.offramp.host.graph.Macs;
import org.offramp.host.network.Network;

/**
 * The rules of trainers, group T. Every rule trains the subject, behind its chain, on a small network with BatchNorm and 72 generated
 * samples; the training as usual is done once and looked at by several rules.
 */
public abstract class TrainerConformance extends Conformance<TrainerSubject<?>> {
    private static final float TOLERANCE = 1e-5f;

    /** A loss below this need not fall any more. */
    private static final double LEARNED = 1e-3;

    private @Nullable TrainerTrial trial;
    private @Nullable TrainerRun usual;

    /** For subclasses. */
    protected TrainerConformance() {}

    private TrainerTrial trial() {
        if (trial == null) {
            trial = new TrainerTrial(subject);
        }
        return trial;
    }

    private TrainerRun usual() {
        if (usual == null) {
            usual = trial().run();
        }
        return usual;
    }

    /** One instance sees one subject after the other. */
    @AfterParameterizedClassInvocation
    final void discard() {
        if (usual != null) {
            usual.close();
            usual = null;
        }
        if (trial != null) {
            trial.close();
            trial = null;
        }
    }

    private boolean trainsBackbone() {
        return subject.factory().capabilities().contains(Capability.TRAINS_BACKBONE);
    }

    /** BatchNorm's running mean and variance are parameters in DJL. */
    @Rule(
            id = "T-01",
            sentence =
                    "A trainer MUST leave what it does not train bit-identical, BatchNorm's running statistics included; without"
                            + " TRAINS_BACKBONE that is the whole backbone.",
            ifThisFailsCheck =
                    "for arrays of the network's blocks that are changed outside of a phase, and the parts that each phase names.")
    public final void whatIsNotTrainedIsBitIdentical() {
        TrainerRun run = usual();
        Set<Part> changed = new HashSet<>(run.session().attached());
        Stream.concat(run.session().trained().stream(), run.session().set().stream())
                .filter(part -> trainsBackbone() || part instanceof Part.OfHead)
                .forEach(changed::add);
        Map<String, float[]> after = run.parameters();
        run.before().forEach((name, values) -> {
            if (changed.stream().noneMatch(part -> name.startsWith(prefix(part)))) {
                assertThat(after).as("parameters after training").containsKey(name);
                Values.assertSame(
                        Objects.requireNonNull(after.get(name)), values, "parameter " + name + " after training");
            }
        });
    }

    private static String prefix(Part part) {
        if (part instanceof Part.OfHead head) {
            return "head" + head.exit() + "." + head.output().name().toLowerCase(Locale.ROOT) + ".";
        }
        return "stage" + ((Part.OfStage) part).exit() + ".";
    }

    /** Three classes that any classifier can tell apart. */
    @Rule(
            id = "T-02",
            sentence =
                    "On a separable set the loss of every phase MUST fall, and every classifier that was trained MUST be better than chance.",
            ifThisFailsCheck =
                    "the sign of the loss, labels that do not belong to the outputs, and a learning rate that is far too great or small.")
    public final void theLossFalls() {
        TrainerRun run = usual();
        List<Phase> phases = run.session().phases();
        for (int i = 0; i < phases.size(); i++) {
            List<Float> losses = run.session().losses().get(i);
            if (losses.isEmpty()) {
                continue;
            }
            int third = Math.max(1, losses.size() / 3);
            assertThat(mean(losses.subList(losses.size() - third, losses.size())))
                    .as("mean loss of the last third of phase '" + phases.get(i).name() + "', against its first third")
                    .isLessThan(Math.max(LEARNED, mean(losses.subList(0, third))));
        }
        Evidence evidence = run.evidence(16);
        for (int exit : trainedClassifiers(run)) {
            assertThat(accuracy(run, evidence.upTo(exit).logits()))
                    .as("accuracy of exit " + exit + " on the training samples")
                    .isGreaterThan(1.5 / SeparableSet.CLASSES);
        }
    }

    private static double mean(List<Float> values) {
        return values.stream().mapToDouble(Float::doubleValue).average().orElse(0);
    }

    private static List<Integer> trainedClassifiers(TrainerRun run) {
        Set<Part> parts = new HashSet<>(run.session().trained());
        run.session().attached().stream()
                .filter(part -> run.session().phases().isEmpty())
                .forEach(parts::add);
        int last = run.network().exits();
        return IntStream.rangeClosed(1, last)
                .filter(exit -> parts.contains(
                        exit == last ? new Part.OfStage(exit) : new Part.OfHead(exit, HeadOutput.LOGITS)))
                .boxed()
                .toList();
    }

    private static double accuracy(TrainerRun run, FloatMatrix logits) {
        long right = IntStream.range(0, logits.rows())
                .filter(row -> logits.argMax(row) == run.training().label(row))
                .count();
        return (double) right / logits.rows();
    }

    /** Network, samples and seed are the same, the checkpoints are not. */
    @Rule(
            id = "T-03",
            sentence =
                    "A trainer MUST give the same parameters and figures, bit for bit, when it is run again with the same seed.",
            ifThisFailsCheck =
                    "for chance that does not come from the session's random(), and for state kept in the factory or in static fields.")
    public final void aSeedReproduces() {
        try (TrainerRun again = trial().run()) {
            assertSame(again, usual());
            assertThat(again.result().figures())
                    .as("reported figures")
                    .isEqualTo(usual().result().figures());
        }
    }

    private static void assertSame(TrainerRun run, TrainerRun expected) {
        Map<String, float[]> values = run.parameters();
        assertThat(values.keySet())
                .as("parameters")
                .containsExactlyElementsOf(expected.parameters().keySet());
        expected.parameters()
                .forEach((name, array) ->
                        Values.assertSame(Objects.requireNonNull(values.get(name)), array, "parameter " + name));
    }

    /** Seen by the labels that the losses are given, one after the other. */
    @Rule(
            id = "T-04",
            sentence =
                    "The order of samples MUST obey the seed: the same seed gives them in the same order, another seed in another.",
            ifThisFailsCheck =
                    "for samples drawn from a generator with a seed of its own; draw from the session's random().")
    public final void theOrderObeysTheSeed() {
        try (TrainerRun same = trial().run();
                TrainerRun other =
                        trial().run(Setup.USUAL.withData(new SeparableSet()).withSeed(2))) {
            assertThat(same.session().labels())
                    .as("labels in order with the same seed")
                    .isEqualTo(usual().session().labels());
            if (!usual().session().phases().isEmpty()) {
                assertThat(other.session().labels())
                        .as("labels in order with another seed")
                        .isNotEqualTo(usual().session().labels());
            }
        }
    }

    /** Half-way, at a step; then the training is begun again with its checkpoints. */
    @Rule(
            id = "T-05",
            sentence =
                    "An interrupt MUST end training with a TrainingException and leave a state from which it resumes to the same parameters.",
            ifThisFailsCheck =
                    "for a catch around fit, for a cleared interrupt flag, and for state outside of the session that a second call of train finds.")
    public final void anInterruptLeavesAResumableState() {
        int half = (usual().steps() + 1) / 2;
        if (half == 0) {
            return;
        }
        Setup setup = Setup.USUAL.withData(new SeparableSet());
        Throwable end =
                catchThrowable(() -> trial().run(setup.interruptedAt(half)).close());
        boolean flag = Thread.interrupted();
        assertThat(end)
                .as("the end of training after an interrupt at step " + half)
                .isInstanceOf(TrainingException.class);
        assertThat(flag).as("the thread's interrupt flag is kept").isTrue();
        try (TrainerRun resumed = trial().run(setup.resuming(trial().latest()))) {
            assertSame(resumed, usual());
        }
    }

    /** Every part is looked at by itself, so that a cascade may give each block its epochs. */
    @Rule(
            id = "T-06",
            sentence =
                    "A trainer MUST keep its budget: no part is trained for more epochs than its key epochs… says, and no more MACs are"
                            + " spent than its key macs… says.",
            ifThisFailsCheck =
                    "the epochs of every phase, and that no part is in more phases than the key's text says.")
    public final void theBudgetIsKept() {
        TrainerRun run = usual();
        for (RecordComponent component : subject.factory().configType().getRecordComponents()) {
            String key = DefaultConfiguration.key(component);
            Object value = value(component, subject.config());
            if (key.startsWith("epochs") && value instanceof Integer epochs) {
                for (Part part : run.session().trained()) {
                    int sum = run.session().phases().stream()
                            .filter(phase -> phase.trainable().contains(part))
                            .mapToInt(Phase::epochs)
                            .sum();
                    assertThat(sum)
                            .as("epochs over which " + part + " is trained, key '" + key + "'")
                            .isLessThanOrEqualTo(epochs);
                }
            } else if (key.startsWith("macs") && value instanceof Number macs) {
                long spent = run.result().phases().stream()
                        .filter(phase ->
                                phase.name().startsWith(subject.factory().name() + "/"))
                        .mapToLong(phase -> phase.macs())
                        .sum();
                assertThat((double) spent).as("MACs spent, key '" + key + "'").isLessThanOrEqualTo(macs.doubleValue());
            }
        }
    }

    private static @Nullable Object value(RecordComponent component, Record record) {
        try {
            component.getAccessor().setAccessible(true);
            return component.getAccessor().invoke(record);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot read " + component, e);
        }
    }

    /** The dataset has three classes; all training and validation samples are of the first. */
    @Rule(
            id = "T-07",
            sentence = "With samples of one class only a trainer MUST end soundly or with a TrainingException.",
            ifThisFailsCheck =
                    "for divisions by a class's number of samples, and for lists of a class's samples that are read without looking.")
    public final void oneClassIsDealtWith() {
        SeparableSet oneClass = new SeparableSet(
                index -> DataSplits.hashToUnit(TrainerTrial.SPLIT_SEED, SeparableSet.trainingId(index))
                                < TrainerTrial.CALIBRATION
                        ? 1
                        : 0,
                0.1);
        assertEndsSoundly(Setup.USUAL.withData(oneClass), "");
    }

    /** As with {@code splits.validation: 0}. */
    @Rule(
            id = "T-08",
            sentence =
                    "With an empty validation split a trainer MUST end soundly or with a TrainingException that says so.",
            ifThisFailsCheck =
                    "for divisions by the number of validation samples, and that patience is off or refused where there are none.")
    public final void anEmptySplitIsDealtWith() {
        assertEndsSoundly(Setup.USUAL.withData(new SeparableSet()).withoutValidation(), "validation");
    }

    private void assertEndsSoundly(Setup setup, String said) {
        usual();
        try (TrainerRun run = trial().run(setup)) {
            assertThat(run.network().exits()).isPositive();
        } catch (TrainingException refused) {
            assertThat(refused.getMessage()).as("the message").contains(said);
        }
    }

    /** Every value of every sample is NaN. */
    @Rule(
            id = "T-09",
            sentence = "A trainer whose loss is not finite MUST end with the TrainingException that says so.",
            ifThisFailsCheck = "for a catch around fit, and for losses that replace NaN by a number.")
    public final void aLossThatIsNotFiniteEndsTraining() {
        usual();
        SeparableSet spoilt = new SeparableSet(index -> index % SeparableSet.CLASSES, Double.NaN);
        Throwable end =
                catchThrowable(() -> trial().run(Setup.USUAL.withData(spoilt)).close());
        assertThat(end).as("the end of training on samples that are NaN").isInstanceOf(TrainingException.class);
        assertThat(end.getMessage()).as("the message").containsAnyOf("NaN", "not finite");
    }

    /** Parameters stay; everything else belongs to a step or a pass. */
    @Rule(
            id = "T-10",
            sentence = "A trainer MUST NOT leave an NDArray open on the network's manager, parameters aside.",
            ifThisFailsCheck =
                    "for arrays of a batch that are attached to another manager or made from a parameter, and for heads whose parameters"
                            + " nobody uses.")
    public final void noArrayIsLeftOpen() {
        List<NDArray> open = usual().openArrays();
        assertThat(open.stream().map(array -> array.getShape().toString()).toList())
                .as("shapes of the arrays left open")
                .isEmpty();
    }

    /** Without early exits, with one, and with one after every stage; on a backbone of its own behind the last stage but one always. */
    @Rule(
            id = "T-11",
            sentence =
                    "A trainer MUST leave logits at every exit, or find them there, however many exits the network has.",
            ifThisFailsCheck =
                    "for exits counted from 0, a number of exits that is written down, and networks of one exit.")
    public final void everyExitHasLogits() {
        for (List<Integer> exits : subject.network().otherExits()) {
            try (TrainerRun run =
                    trial().run(Setup.USUAL.withData(new SeparableSet()).withExits(exits))) {
                for (int exit = 1; exit <= run.network().exits(); exit++) {
                    assertThat(run.network().has(exit, HeadOutput.LOGITS))
                            .as("logits at exit " + exit + " with early exits after stages " + exits)
                            .isTrue();
                }
            }
        }
    }

    /** The refusal is asked for under the trainer's own name and capabilities. */
    @Rule(
            id = "T-12",
            sentence =
                    "A trainer that does not declare TRAINS_BACKBONE MUST NOT train a stage; the host refuses the phase and names the"
                            + " capability.",
            ifThisFailsCheck = "that capabilities() holds TRAINS_BACKBONE where a phase names a stage.")
    public final void undeclaredTrainingOfTheBackboneIsRefused() {
        Setup setup = Setup.USUAL.withData(new SeparableSet()).thenStageOne();
        if (trainsBackbone()) {
            trial().run(setup).close();
            return;
        }
        assertThat(usual().session().trained()).as("parts that are trained").noneMatch(Part.OfStage.class::isInstance);
        assertThatThrownBy(() -> trial().run(setup).close())
                .as("a phase that trains stage 1")
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("'" + subject.factory().name() + "'")
                .hasMessageContaining("stage 1")
                .hasMessageContaining("does not declare TRAINS_BACKBONE");
    }

    /** The text goes into messages and into the run's record. */
    @Rule(
            id = "T-13",
            sentence = "A trainer's toString MUST show every hyper-parameter with its value.",
            ifThisFailsCheck =
                    "that the trainer is a record of its configuration, or overrides toString; a lambda shows nothing.")
    public final void toStringShowsTheHyperParameters() {
        String text = subject.create().toString();
        for (RecordComponent component : subject.factory().configType().getRecordComponents()) {
            assertThat(text)
                    .as("toString of the trainer, key '" + DefaultConfiguration.key(component) + "'")
                    .contains(component.getName(), String.valueOf(value(component, subject.config())));
        }
    }

    /** What is declared is what the host adds up for boards and calibration. */
    @Rule(
            id = "T-14",
            sentence = "The MACs declared for a trainer's heads MUST be the MACs traced in a pass through their exit.",
            ifThisFailsCheck =
                    "for a head that works differently from call to call, and for products computed outside of the engine.")
    public final void declaredMacsAreTracedMacs() {
        Network network = usual().network();
        for (int number = 1; number <= network.exits(); number++) {
            int exit = number;
            long declared = network.stageMacs(exit) + network.headMacs(exit);
            for (int time = 1; time <= 3; time++) {
                assertThat(Macs.perSample(network.stageFunction(exit), network.stageInputShapes(exit)))
                        .as("MACs traced in pass " + time + " through exit " + exit)
                        .isEqualTo(declared);
            }
        }
    }

    /** Progress and records tell phases by their names. */
    @Rule(
            id = "T-15",
            sentence = "The names of a trainer's phases MUST be unique and not blank.",
            ifThisFailsCheck = "the number in the names of phases made in a loop.")
    public final void phaseNamesAreUnique() {
        List<String> names =
                usual().session().phases().stream().map(Phase::name).toList();
        assertThat(names).as("names of the phases").doesNotHaveDuplicates().noneMatch(String::isBlank);
    }

    /** Rows leave early, so batches shrink. */
    @Rule(
            id = "T-16",
            sentence =
                    "A trainer's heads MUST give a sample the same output in a batch of one and of many, within 1e-5 relative to the largest.",
            ifThisFailsCheck =
                    "for statistics over the batch in a head, and for a head that runs in training mode in inference.")
    public final void headsDecideRowsAlone() {
        Evidence many = usual().evidence(16);
        Evidence one = usual().evidence(1);
        for (int exit = 1; exit <= many.exits(); exit++) {
            for (HeadOutput output : HeadOutput.values()) {
                if (many.has(exit, output)) {
                    float[] expected = one.output(exit, output).toArray();
                    float[] actual = many.output(exit, output).toArray();
                    float greatest = 0;
                    float difference = 0;
                    for (int i = 0; i < actual.length; i++) {
                        greatest = Math.max(greatest, Math.abs(expected[i]));
                        difference = Math.max(difference, Math.abs(expected[i] - actual[i]));
                    }
                    assertThat(difference)
                            .as(output + " of exit " + exit
                                    + ": greatest difference of a batch of 16 to batches of one")
                            .isLessThanOrEqualTo(TOLERANCE * Math.max(1, greatest));
                }
            }
        }
    }
}
