package org.offramp.conformance;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.offramp.api.Dataset;
import org.offramp.api.Examples;
import org.offramp.conformance.GivenDataset.Given;
import org.offramp.conformance.GivenDataset.Images;

/** Datasets that are wrong in one way. */
final class WrongDatasets {
    private static final Shape SHAPE = new Shape(1, 4, 4);

    private WrongDatasets() {}

    static List<Wrong<DatasetSubject<?>>> all() {
        List<Wrong<DatasetSubject<?>>> all = new ArrayList<>();
        all.addAll(aboutIdsAndLabels());
        all.addAll(aboutValues());
        all.addAll(aboutReading());
        all.addAll(aboutTheWhole());
        return all;
    }

    private static List<Wrong<DatasetSubject<?>>> aboutIdsAndLabels() {
        AtomicInteger opened = new AtomicInteger();
        return List.of(
                training("D-01", "ids begin again", () -> new Images("train", 30) {
                    @Override
                    public String id(int index) {
                        return "train/" + index % 20;
                    }
                }),
                training("D-02", "ids hold how often it was opened", () -> new Images("train", 30) {
                    private final int opening = opened.incrementAndGet();

                    @Override
                    public String id(int index) {
                        return opening + "/" + index;
                    }
                }),
                training("D-03", "labels are counted from 1", () -> new Images("train", 30) {
                    @Override
                    public int label(int index) {
                        return super.label(index) + 1;
                    }
                }),
                training("D-10", "one class only", () -> new Images("train", 30) {
                    @Override
                    public int label(int index) {
                        return 0;
                    }
                }));
    }

    private static List<Wrong<DatasetSubject<?>>> aboutValues() {
        AtomicInteger opened = new AtomicInteger();
        return List.of(
                training("D-04", "an empty field is NaN", () -> new Images("train", 30) {
                    @Override
                    float value(int index, int place) {
                        return index == 3 && place == 2 ? Float.NaN : super.value(index, place);
                    }
                }),
                training("D-12", "bytes from 0 to 255", () -> new Images("train", 30) {
                    @Override
                    float value(int index, int place) {
                        return 255 * super.value(index, place);
                    }
                }),
                training("D-14", "drawn anew at every opening", () -> new Images("train", 30) {
                    private final int opening = opened.incrementAndGet();

                    @Override
                    float value(int index, int place) {
                        return super.value(index, place) / opening;
                    }
                }));
    }

    private static List<Wrong<DatasetSubject<?>>> aboutReading() {
        Thread maker = Thread.currentThread();
        return List.of(
                Wrong.of("D-05", "the second reading is augmented", opening(WrongDatasets::augmenting), "D-06", "D-07"),
                training("D-06", "another thread reads the next sample", () -> new Images("train", 30) {
                    @Override
                    float value(int index, int place) {
                        return super.value(Thread.currentThread().equals(maker) ? index : index + 1, place);
                    }
                }),
                training("D-07", "one value more than the sample has", () -> new Images("train", 30) {
                    @Override
                    public void read(int index, float[] target, int offset) {
                        super.read(index, target, offset);
                        if (offset + VALUES < target.length) {
                            target[offset + VALUES] = 0;
                        }
                    }
                }),
                training("D-07", "the offset is ignored", () -> new Images("train", 30) {
                    @Override
                    public void read(int index, float[] target, int offset) {
                        super.read(index, target, 0);
                    }
                }),
                training("D-13", "zeros are left out", () -> new Images("train", 30) {
                    @Override
                    public void read(int index, float[] target, int offset) {
                        for (int i = 0; i < VALUES; i++) {
                            if (value(index, i) > 0) {
                                target[offset + i] = value(index, i);
                            }
                        }
                    }
                }));
    }

    /** The first reading of every sample is right; a fresh array is told by its zeros. */
    private static Examples augmenting() {
        Set<Integer> read = Collections.synchronizedSet(new HashSet<>());
        return new Images("train", 30) {
            @Override
            public void read(int index, float[] target, int offset) {
                boolean again = target[offset] == 0 && !read.add(index);
                super.read(again ? index + 1 : index, target, offset);
            }
        };
    }

    private static List<Wrong<DatasetSubject<?>>> aboutTheWhole() {
        return List.of(
                whole(
                        "D-08",
                        "two classes have one name",
                        () -> new Given(
                                SHAPE,
                                List.of("left", "left", "right"),
                                new Images("train", 30),
                                new Images("test", 9))),
                whole(
                        "D-09",
                        "two samples of three classes",
                        () -> GivenDataset.of(new Images("train", 2), new Images("test", 9))),
                whole("D-09", "no test samples", () -> GivenDataset.of(new Images("train", 30), new Images("test", 0))),
                whole(
                        "D-11",
                        "the test split is the beginning of the training split",
                        () -> GivenDataset.of(new Images("train", 30), new Images("train", 9))),
                whole(
                        "D-15",
                        "a dimension of length 0",
                        () -> new Given(new Shape(0, 16), GivenDataset.NAMES, blank("train", 30), blank("test", 9))));
    }

    /** Samples without values. */
    private static Examples blank(String split, int size) {
        Images images = new Images(split, size);
        return new Examples() {
            @Override
            public int size() {
                return images.size();
            }

            @Override
            public String id(int index) {
                return images.id(index);
            }

            @Override
            public int label(int index) {
                return images.label(index);
            }

            @Override
            public void read(int index, float[] target, int offset) {}
        };
    }

    private static Wrong<DatasetSubject<?>> training(String rule, String fault, Supplier<Examples> train) {
        return Wrong.of(rule, fault, opening(train));
    }

    private static DatasetSubject<?> opening(Supplier<Examples> train) {
        return GivenDataset.subject(() -> GivenDataset.of(train.get(), new Images("test", 9)));
    }

    private static Wrong<DatasetSubject<?>> whole(
            String rule, String fault, Supplier<Dataset> opening, String... implied) {
        return Wrong.of(rule, fault, GivenDataset.subject(opening), implied);
    }
}
