package org.offramp.conformance;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.offramp.api.Backbone;

/** Backbones that are wrong in one way. */
final class WrongBackbones {
    private WrongBackbones() {}

    static List<Wrong<BackboneSubject<?>>> all() {
        List<Wrong<BackboneSubject<?>>> all = new ArrayList<>();
        all.addAll(aboutShapes());
        all.addAll(aboutValues());
        all.addAll(aboutParameters());
        all.addAll(aboutRefusals());
        return all;
    }

    private static List<Wrong<BackboneSubject<?>>> aboutShapes() {
        return List.of(
                Wrong.of(
                        "B-01",
                        "the logits have a dimension too many",
                        GivenBackbone.withOuter(() -> lambda(logits -> logits.expandDims(2)))),
                Wrong.of(
                        "B-02",
                        "at most six rows",
                        GivenBackbone.withOuter(() -> WrongBlock.ofArrays(WrongBackbones::atMostSix))),
                Wrong.of("B-13", "a declared column too many", GivenBackbone.withOuter(() -> WrongBlock.declaring(1))),
                Wrong.of(
                        "B-14",
                        "the last stage also gives its input",
                        GivenBackbone.withOuter(() -> WrongBlock.of((input, parameter, store) ->
                                new NDList(input.add(store.getValue(parameter, input.getDevice(), false)), input)))),
                Wrong.of(
                        "B-15",
                        "the features come first between the stages",
                        GivenBackbone.subject(WrongBackbones::transposed)));
    }

    private static NDArray atMostSix(NDArray input, NDArray offset) {
        if (input.getShape().get(0) > 6) {
            throw new IllegalStateException("no room for " + input.getShape());
        }
        return input.add(offset);
    }

    private static Backbone transposed(GivenBackbone.Plan plan) {
        return plan.backbone(
                List.of("one", "two"),
                List.of(plan.first().add(lambda(NDArray::transpose)), plan.last(lambda(NDArray::transpose))));
    }

    private static List<Wrong<BackboneSubject<?>>> aboutValues() {
        return List.of(
                Wrong.of(
                        "B-03",
                        "the mean of the batch is taken away",
                        GivenBackbone.withInner(() -> lambda(x -> x.sub(x.mean(new int[] {0}))))),
                Wrong.of(
                        "B-06",
                        "a pass depends on how many there were",
                        GivenBackbone.withOuter(WrongBackbones::remembering)),
                Wrong.of(
                        "B-16",
                        "the logarithm of a negative number",
                        GivenBackbone.withOuter(
                                () -> lambda(x -> x.mul(0).sub(1).log()))),
                Wrong.of(
                        "B-18",
                        "an activation in place at the beginning of a stage",
                        GivenBackbone.withInner(() -> lambda(x -> x.addi(1)))));
    }

    private static List<Wrong<BackboneSubject<?>>> aboutParameters() {
        Block kept = Activation.reluBlock();
        AtomicInteger made = new AtomicInteger();
        return List.of(
                Wrong.of("B-04", "the factory keeps a block", GivenBackbone.withInner(() -> kept)),
                Wrong.of(
                        "B-05",
                        "a parameter is read without the store",
                        GivenBackbone.withOuter(() -> WrongBlock.of(
                                (input, parameter, store) -> new NDList(input.add(parameter.getArray()))))),
                Wrong.of(
                        "B-07",
                        "both stages have one name",
                        GivenBackbone.subject(
                                plan -> plan.backbone(List.of("one", "one"), List.of(plan.first(), plan.last())))),
                Wrong.of(
                        "B-10",
                        "inference counts in a parameter",
                        GivenBackbone.withOuter(() -> WrongBlock.ofArrays(WrongBackbones::counting))),
                Wrong.of(
                        "B-11",
                        "an operation begins with the parameter",
                        GivenBackbone.withOuter(() -> WrongBlock.ofArrays((input, offset) -> offset.add(input)))),
                Wrong.of("B-17", "a factor that is no parameter", GivenBackbone.withOuter(() -> scaling(made))));
    }

    /** Shows from the second pass of many rows on. */
    private static Block remembering() {
        AtomicInteger passes = new AtomicInteger();
        return lambda(x -> x.add(x.getShape().get(0) > 1 && passes.getAndIncrement() > 0 ? 1 : 0));
    }

    private static NDArray counting(NDArray input, NDArray offset) {
        NDArray result = input.add(1);
        offset.addi(1);
        return result;
    }

    private static Block scaling(AtomicInteger made) {
        float factor = made.incrementAndGet();
        return lambda(x -> x.mul(factor));
    }

    private static List<Wrong<BackboneSubject<?>>> aboutRefusals() {
        return List.of(
                Wrong.of("B-08", "shapes are not checked", GivenBackbone.subject(plan -> {
                    plan.refuseFewClasses();
                    return plan.unchecked(List.of("one", "two"), List.of(plan.first(), plan.last()));
                })),
                Wrong.of("B-09", "classes are not checked", GivenBackbone.subject(plan -> {
                    plan.refuseBadShape();
                    return plan.unchecked(List.of("one", "two"), List.of(plan.first(), plan.last()));
                })),
                Wrong.of(
                        "B-12",
                        "a class more is reported",
                        GivenBackbone.subject(plan -> new GivenBackbone.Given(
                                plan.inputShape(),
                                plan.classes() + 1,
                                plan.backbone().stages()))));
    }

    private static Block lambda(Function<NDArray, NDArray> function) {
        return new LambdaBlock(arrays -> new NDList(function.apply(arrays.singletonOrThrow())), "wrong");
    }
}
