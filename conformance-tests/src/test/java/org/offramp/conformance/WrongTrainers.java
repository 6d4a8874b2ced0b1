package org.offramp.conformance;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.AbstractBlock;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.Parameter;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.training.ParameterStore;
import ai.djl.util.PairList;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.offramp.api.Head;
import org.offramp.api.HeadOutput;
import org.offramp.api.Losses;
import org.offramp.api.Part;
import org.offramp.api.Phase;
import org.offramp.api.Samples;
import org.offramp.api.TrainingException;
import org.offramp.api.TrainingSession;
import org.offramp.conformance.GivenTrainer.Config;
import org.offramp.host.network.Network;

/** Trainers that are wrong in one way. */
final class WrongTrainers {
    private WrongTrainers() {}

    static List<Wrong<TrainerSubject<?>>> all() {
        List<Wrong<TrainerSubject<?>>> all = new ArrayList<>();
        all.addAll(aboutTheBackbone());
        all.addAll(aboutLearning());
        all.addAll(aboutSeeds());
        all.addAll(aboutErrors());
        all.addAll(aboutSamples());
        all.addAll(aboutHeads());
        return all;
    }

    private static List<Wrong<TrainerSubject<?>>> aboutTheBackbone() {
        return List.of(
                wrong("T-01", "a frozen weight is scaled", (session, config) -> {
                    GivenTrainer.heads(session, config);
                    parameter(session, Parameter.Type.WEIGHT).muli(1.001f);
                }),
                wrong("T-01", "a running mean moves", (session, config) -> {
                    GivenTrainer.heads(session, config);
                    parameter(session, Parameter.Type.RUNNING_MEAN).addi(0.001f);
                }),
                wrong("T-12", "the refusal to train a stage is swallowed", (session, config) -> {
                    GivenTrainer.heads(session, config);
                    try {
                        session.fit(stageOne(session, config));
                    } catch (TrainingException refused) {
                        session.report("refused", 1);
                    }
                }),
                wrong(
                        "T-12",
                        "a stage is trained undeclared",
                        (session, config) -> {
                            GivenTrainer.heads(session, config);
                            session.fit(stageOne(session, config));
                        },
                        "T-01",
                        "T-02",
                        "T-03",
                        "T-04",
                        "T-05",
                        "T-06",
                        "T-07",
                        "T-08",
                        "T-09",
                        "T-10",
                        "T-11",
                        "T-14",
                        "T-15",
                        "T-16"));
    }

    private static NDArray parameter(TrainingSession session, Parameter.Type type) {
        return ((Network) session.network())
                .parametersByName().entrySet().stream()
                        .filter(entry -> entry.getKey().startsWith("stage1."))
                        .filter(entry -> entry.getValue().getType() == type)
                        .findFirst()
                        .orElseThrow()
                        .getValue()
                        .getArray();
    }

    private static Phase stageOne(TrainingSession session, Config config) {
        int last = session.network().exits();
        return Phase.of(
                "stage",
                Set.of(new Part.OfStage(1)),
                session.training(),
                batch -> Losses.crossEntropy(batch.output(last, HeadOutput.LOGITS), batch.labels()),
                last,
                1,
                config.batchSize());
    }

    private static List<Wrong<TrainerSubject<?>>> aboutLearning() {
        return List.of(
                wrong(
                        "T-02",
                        "the loss has the wrong sign",
                        (session, config) -> fit(session, config, right -> {
                            return GivenTrainer.with(
                                    right, batch -> right.loss().of(batch).neg());
                        })),
                wrong("T-06", "an epoch more than the key says", (session, config) -> {
                    GivenTrainer.heads(session, new Config(config.epochs() + 1, config.batchSize(), config.macs()));
                }),
                wrong("T-06", "the heads are trained twice", (session, config) -> {
                    GivenTrainer.heads(session, config);
                    if (session.network().exits() > 1) {
                        session.fit(GivenTrainer.phase("once-more", 1, 1, session.training(), config));
                    }
                }),
                Wrong.of(
                        "T-06",
                        "the key macs is not looked at",
                        new TrainerSubject<>(new GivenTrainer(), new Config(4, 8, 1000), List.of())),
                wrong("T-15", "two phases of one name", (session, config) -> {
                    session.attachClassifiers();
                    for (int exit = 1; exit < session.network().exits(); exit++) {
                        session.fit(GivenTrainer.phase("head", exit, exit, session.training(), config));
                    }
                }));
    }

    private static List<Wrong<TrainerSubject<?>>> aboutSeeds() {
        AtomicInteger trainings = new AtomicInteger();
        AtomicInteger draws = new AtomicInteger();
        return List.of(
                wrong("T-03", "a figure counts the trainings", (session, config) -> {
                    GivenTrainer.heads(session, config);
                    session.report("trainings", trainings.incrementAndGet());
                }),
                wrong(
                        "T-03",
                        "samples are drawn by a generator of its own",
                        (session, config) -> on(
                                session,
                                config,
                                session.training().draw(40, new SplittableRandom(draws.incrementAndGet()))),
                        "T-04",
                        "T-05"),
                wrong(
                        "T-04",
                        "the seed is ignored: always the same sample",
                        (session, config) ->
                                on(session, config, session.training().draw(1, new SplittableRandom(3))),
                        "T-02"));
    }

    private static void on(TrainingSession session, Config config, Samples samples) {
        session.attachClassifiers();
        int early = session.network().exits() - 1;
        if (early > 0) {
            session.fit(GivenTrainer.phase("heads", 1, early, samples, config));
        }
    }

    private static List<Wrong<TrainerSubject<?>>> aboutErrors() {
        return List.of(
                wrong("T-05", "an interrupt is swallowed", (session, config) -> {
                    try {
                        GivenTrainer.heads(session, config);
                    } catch (TrainingException end) {
                        rethrowUnless("interrupted", end);
                    }
                }),
                wrong("T-05", "the interrupt flag is cleared", (session, config) -> {
                    try {
                        GivenTrainer.heads(session, config);
                    } catch (TrainingException end) {
                        session.report("cleared", Thread.interrupted() ? 1 : 0);
                        throw end;
                    }
                }),
                wrong("T-09", "a loss that is NaN is swallowed", (session, config) -> {
                    try {
                        GivenTrainer.heads(session, config);
                    } catch (TrainingException end) {
                        rethrowUnless("the loss is", end);
                    }
                }));
    }

    private static void rethrowUnless(String word, TrainingException end) {
        if (!String.valueOf(end.getMessage()).contains(word)) {
            throw end;
        }
    }

    private static List<Wrong<TrainerSubject<?>>> aboutSamples() {
        return List.of(
                wrong("T-07", "divides by the number of samples of class 1", (session, config) -> {
                    int share = 100 / session.training().classCounts()[1];
                    session.report("share", share);
                    GivenTrainer.heads(session, config);
                }),
                wrong("T-08", "divides by the number of validation samples", (session, config) -> {
                    int share = 100 / session.validation().size();
                    session.report("share", share);
                    GivenTrainer.heads(session, config);
                }),
                wrong("T-10", "keeps an activation", (session, config) -> {
                    GivenTrainer.heads(session, config);
                    session.reduce(
                            session.training(),
                            1,
                            (activations, evidence, labels) ->
                                    activations.get(0).duplicate().attach(((Network) session.network()).manager()));
                }));
    }

    private static List<Wrong<TrainerSubject<?>>> aboutHeads() {
        return List.of(
                wrong("T-11", "exits 1 and 2 by number", (session, config) -> {
                    int early = Math.min(2, session.network().exits() - 1);
                    for (int exit = 1; exit <= early; exit++) {
                        session.attach(new Head(exit, HeadOutput.LOGITS, linear()));
                    }
                    if (early > 0) {
                        session.fit(GivenTrainer.phase("heads", 1, early, session.training(), config));
                    }
                }),
                Wrong.of(
                        "T-13",
                        "a lambda shows nothing",
                        TrainerSubject.ofDefaults(
                                new GivenTrainer(config -> session -> GivenTrainer.heads(session, config)))),
                heads("T-14", "works twice at every second call", WrongTrainers::alternating),
                heads("T-16", "the mean of the batch is taken away", WrongTrainers::centred));
    }

    private static Wrong<TrainerSubject<?>> heads(String rule, String fault, Supplier<Block> block) {
        return wrong(rule, fault, (session, config) -> {
            int early = session.network().exits() - 1;
            for (int exit = 1; exit <= early; exit++) {
                session.attach(new Head(exit, HeadOutput.LOGITS, block.get()));
            }
            if (early > 0) {
                session.fit(GivenTrainer.phase("heads", 1, early, session.training(), config));
            }
        });
    }

    private static SequentialBlock linear() {
        return new SequentialBlock()
                .add(Blocks.batchFlattenBlock())
                .add(Linear.builder().setUnits(SeparableSet.CLASSES).build());
    }

    private static Block alternating() {
        AtomicInteger calls = new AtomicInteger();
        return new Around((inner, store, inputs, training) -> {
            if (calls.getAndIncrement() % 2 == 0) {
                inner.forward(store, inputs, training);
            }
            return inner.forward(store, inputs, training);
        });
    }

    private static Block centred() {
        return new Around((inner, store, inputs, training) -> {
            NDArray logits = inner.forward(store, inputs, training).singletonOrThrow();
            return new NDList(logits.sub(logits.mean(new int[] {0}, true)));
        });
    }

    private static void fit(TrainingSession session, Config config, java.util.function.UnaryOperator<Phase> change) {
        session.attachClassifiers();
        int early = session.network().exits() - 1;
        if (early > 0) {
            session.fit(change.apply(GivenTrainer.phase("heads", 1, early, session.training(), config)));
        }
    }

    private static Wrong<TrainerSubject<?>> wrong(
            String rule, String fault, GivenTrainer.Training training, String... implied) {
        return Wrong.of(rule, fault, GivenTrainer.subject(training), implied);
    }

    /** A linear layer with something around it. */
    private static final class Around extends AbstractBlock {
        private final Block inner = addChildBlock("inner", linear());
        private final Pass pass;

        Around(Pass pass) {
            this.pass = Objects.requireNonNull(pass);
        }

        @Override
        protected NDList forwardInternal(
                ParameterStore store, NDList inputs, boolean training, PairList<String, Object> params) {
            return pass.forward(inner, store, inputs, training);
        }

        @Override
        protected void initializeChildBlocks(
                ai.djl.ndarray.NDManager manager, ai.djl.ndarray.types.DataType type, Shape... shapes) {
            inner.initialize(manager, type, shapes);
        }

        @Override
        public Shape[] getOutputShapes(Shape[] shapes) {
            return inner.getOutputShapes(shapes);
        }
    }

    /** A forward pass around a block. */
    @FunctionalInterface
    private interface Pass {
        NDList forward(Block inner, ParameterStore store, NDList inputs, boolean training);
    }
}
