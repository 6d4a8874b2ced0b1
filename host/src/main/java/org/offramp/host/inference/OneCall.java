package org.offramp.host.inference;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.offramp.api.ExitPolicy;
import org.offramp.api.HeadOutput;
import org.offramp.host.graph.StaysMethod;
import org.offramp.host.network.NetworkPlan;

/**
 * The method {@code one} of an archive, in TorchScript: a batch of one goes through the stages in one call, on from every exit whose logits
 * give less than a sample needs to leave there ({@link ExitPolicy#need}). See {@link StageRunner#runOne}.
 */
final class OneCall {
    static final String METHOD = "one";

    private static final int NUMBERS = 3;

    private OneCall() {}

    /**
     * What a sample needs to leave at exit 1 … N − 1, three numbers for each: what {@link StaysMethod} takes behind the logits.
     *
     * @param policy the policy
     * @param thresholds one per early exit
     */
    static double[] needs(ExitPolicy policy, double[] thresholds) {
        double[] needs = new double[NUMBERS * thresholds.length];
        for (int i = 0; i < thresholds.length; i++) {
            ExitPolicy.Need need = need(policy, i + 1, thresholds[i]);
            double p = need.probability();
            needs[NUMBERS * i] = p <= 0
                    ? Double.NEGATIVE_INFINITY
                    : p >= 1 ? Double.POSITIVE_INFINITY : need.temperature() * Math.log(p / (1 - p));
            needs[NUMBERS * i + 1] = 1 / need.temperature();
            needs[NUMBERS * i + 2] = p <= 0 ? Double.POSITIVE_INFINITY : 1 / p;
        }
        return needs;
    }

    /** As of {@link #needs}, so that every sample goes on before an exit and may leave there. */
    static double[] until(int exit) {
        double[] thresholds = new double[exit];
        Arrays.fill(thresholds, 0, exit - 1, Double.POSITIVE_INFINITY);
        thresholds[exit - 1] = Double.NEGATIVE_INFINITY;
        return needs(
                evidence -> {
                    throw new IllegalStateException("nothing is to be scored");
                },
                thresholds);
    }

    private static ExitPolicy.Need need(ExitPolicy policy, int exit, double threshold) {
        return Double.isInfinite(threshold)
                ? new ExitPolicy.Need(1, threshold)
                : policy.need(exit, threshold - ExitPolicy.Need.ROUNDING * Math.max(1, Math.abs(threshold)));
    }

    /** Whether a network has it: more than one exit, each with logits of two classes or more. */
    static boolean suits(NetworkPlan plan) {
        return plan.exits() > 1
                && plan.classes() > 1
                && plan.outputs().stream().allMatch(outputs -> outputs.contains(HeadOutput.LOGITS));
    }

    /** The methods' text, indented by two. */
    static String source(NetworkPlan plan) {
        List<String> lines = new ArrayList<>();
        lines.add("  def " + METHOD + "(self: __torch__.Net,");
        lines.add("    a0: Tensor,");
        lines.add("    needs: List[float]) -> Tuple[List[Tensor], List[float]]:");
        stage(lines, plan, 1, "    ");
        lines.add("    return (t, f)");
        return StaysMethod.source(plan.classes())
                + lines.stream().map(line -> line + "\n").collect(Collectors.joining());
    }

    /** Runs stage n, and what follows it as far as the sample stays. */
    private static void stage(List<String> lines, NetworkPlan plan, int exit, String indent) {
        lines.add(indent + ModuleStages.call(plan, exit));
        String values = "f" + (exit - 1);
        for (HeadOutput output : plan.outputs().get(exit - 1)) {
            String name = ModuleStages.name(exit, output);
            lines.add(indent + "f" + name + " = annotate(List[float], torch.reshape(" + name + ", [-1]).tolist())");
            String longer = "f" + exit + "_" + plan.outputs().get(exit - 1).indexOf(output);
            lines.add(indent + longer + " = "
                    + (values.equals("f0") ? "f" + name : "torch.add(" + values + ", f" + name + ")"));
            values = longer;
        }
        lines.add(indent + "f" + exit + " = " + values);
        if (exit == plan.exits()) {
            lines.add(indent + "t = annotate(List[Tensor], [])");
            lines.add(indent + "f = f" + exit);
            return;
        }
        lines.add(indent + "if (self).stays(f" + ModuleStages.name(exit, HeadOutput.LOGITS) + ", " + numbers(exit)
                + ", ):");
        stage(lines, plan, exit + 1, indent + "  ");
        lines.add(indent + "else:");
        List<String> arrays = new ArrayList<>(List.of("a" + exit));
        plan.readAfter(exit).forEach(input -> arrays.add(ModuleStages.name(input.exit(), input.output())));
        lines.add(indent + "  t = [" + String.join(", ", arrays) + "]");
        lines.add(indent + "  f = f" + exit);
    }

    private static String numbers(int exit) {
        return IntStream.range(NUMBERS * (exit - 1), NUMBERS * exit)
                .mapToObj(i -> "needs[" + i + "]")
                .collect(Collectors.joining(", "));
    }
}
