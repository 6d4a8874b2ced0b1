package org.offramp.conformance;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.offramp.api.Backbone;
import org.offramp.api.BackboneFactory;
import org.offramp.api.Key;
import org.offramp.api.Stage;

/** A backbone of two stages; without changes it passes every rule. */
final class GivenBackbone implements BackboneFactory<GivenBackbone.Config> {
    private final Function<Plan, Backbone> making;

    /** The right one. */
    GivenBackbone() {
        this(Plan::backbone);
    }

    private GivenBackbone(Function<Plan, Backbone> making) {
        this.making = making;
    }

    /**
     * The keys.
     *
     * @param units units of the first stage
     */
    record Config(
            @Key(value = "units of the first stage", defaultValue = "8", min = 1, max = 1024)
            int units) {}

    static BackboneSubject<?> subject(Function<Plan, Backbone> making) {
        return BackboneSubject.ofDefaults(new GivenBackbone(making));
    }

    /** The right backbone with one more block in front of the classifier. */
    static BackboneSubject<?> withInner(Supplier<Block> block) {
        return subject(plan -> plan.backbone(List.of("one", "two"), List.of(plan.first(), plan.last(block.get()))));
    }

    /** The right backbone with one more block after the classifier. */
    static BackboneSubject<?> withOuter(Supplier<Block> block) {
        return subject(plan -> plan.backbone(
                List.of("one", "two"), List.of(plan.first(), plan.last().add(block.get()))));
    }

    @Override
    public String name() {
        return "given";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Backbone create(Config config, Shape inputShape, int classes) {
        return making.apply(new Plan(config, inputShape, classes));
    }

    /** What a backbone is made from. */
    record Plan(Config config, Shape inputShape, int classes) {
        Backbone backbone() {
            return backbone(List.of("one", "two"), List.of(first(), last()));
        }

        Backbone backbone(List<String> names, List<? extends Block> blocks) {
            refuseBadShape();
            refuseFewClasses();
            return unchecked(names, blocks);
        }

        Backbone unchecked(List<String> names, List<? extends Block> blocks) {
            List<Stage> stages = new ArrayList<>();
            for (int i = 0; i < blocks.size(); i++) {
                stages.add(new Stage(names.get(i), blocks.get(i)));
            }
            return new Given(inputShape, classes, stages);
        }

        void refuseBadShape() {
            if (inputShape.dimension() == 0 || inputShape.size() < 1) {
                throw new IllegalArgumentException("'given' needs samples with values; the shape is " + inputShape);
            }
        }

        void refuseFewClasses() {
            if (classes < 2) {
                throw new IllegalArgumentException("'given' needs 2 classes; there are " + classes);
            }
        }

        SequentialBlock first() {
            return new SequentialBlock()
                    .add(Blocks.batchFlattenBlock())
                    .add(linear(config.units()))
                    .add(BatchNorm.builder().build())
                    .add(Activation.reluBlock());
        }

        SequentialBlock last(Block... inner) {
            SequentialBlock block = new SequentialBlock();
            for (Block each : inner) {
                block.add(each);
            }
            return block.add(linear(classes));
        }

        private static Block linear(int units) {
            return Linear.builder().setUnits(units).build();
        }
    }

    /** A backbone of given parts. */
    record Given(Shape inputShape, int classes, List<Stage> stages) implements Backbone {}
}
