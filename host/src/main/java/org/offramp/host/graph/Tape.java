package org.offramp.host.graph;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;
import java.util.ArrayList;
import java.util.List;

/**
 * Where differentiation is cut in one step, and how gradients go on from there. The engine differentiates the parts between the cuts; the tape
 * goes from part to part, the last one first, each once.
 */
public final class Tape {
    private final List<Cut> cuts = new ArrayList<>();

    /** A place where differentiation ends at one array and begins anew at another. */
    private interface Cut {
        /** Carries the gradient of what is behind the cut to what is before it. */
        void goOn();
    }

    /** The method that carries a gradient through the rectifier of this number of a method. */
    static String gradientMethod(String method, int rectifier) {
        return method + "_gradient" + rectifier;
    }

    /**
     * Calls a method of a module so that gradients flow through it, by way of this tape where it is cut.
     *
     * @param module the module
     * @param method the method's name
     * @param outputs how many of its results are outputs
     * @param learnsSlopes whether the slopes of its PReLUs are trained
     * @param inputs its arguments; the results belong to the first one's manager
     * @return its outputs
     */
    public NDList call(CompiledModule module, String method, int outputs, boolean learnsSlopes, NDList inputs) {
        NDList results = module.callTrained(method, inputs);
        for (int i = outputs; i < results.size(); i += 2) {
            NDArray before = results.get(i);
            NDArray after = results.get(i + 1);
            String gradient = gradientMethod(method, (i - outputs) / 2);
            cuts.add(() -> {
                // Memory that is let go here is used again for the next gradients, while it is in the caches.
                try (before;
                        after;
                        NDArray given = after.getGradient();
                        NDList gradients = module.callTrained(gradient, new NDList(before, given))) {
                    goOn(before, gradients.get(0));
                    if (learnsSlopes) {
                        goOn(gradients.get(1), gradients.get(1).onesLike());
                    }
                }
            });
        }
        return new NDList(results.subList(0, outputs));
    }

    /**
     * Cuts at an array that several parts read: the same numbers, from which differentiation begins anew.
     *
     * @param array the array, through which gradients flow
     */
    public NDArray cut(NDArray array) {
        NDArray after = array.stopGradient();
        after.setRequiresGradient(true);
        cuts.add(() -> goOn(array, after.getGradient()));
        return after;
    }

    private static void goOn(NDArray before, NDArray gradient) {
        JniUtils.backward((PtNDArray) before, (PtNDArray) gradient, false, false);
    }

    /**
     * Adds a loss's gradients to those of all parameters and inputs that it depends on. The tape is empty afterwards.
     *
     * @param collector collects gradients since before the first call
     * @param loss one number
     */
    public void backward(GradientCollector collector, NDArray loss) {
        collector.backward(loss);
        for (int i = cuts.size() - 1; i >= 0; i--) {
            cuts.get(i).goOn();
        }
        cuts.clear();
    }
}
