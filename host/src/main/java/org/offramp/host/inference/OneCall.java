package org.offramp.host.inference;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.offramp.api.Head;
import org.offramp.api.HeadOutput;
import org.offramp.host.network.NetworkPlan;

/**
 * The method {@code one} of an archive, in TorchScript: a batch of one goes through the stages in one call, on from every exit whose two
 * greatest logits differ by less than a margin that is given with it. See {@link StageRunner#runOne}.
 */
public final class OneCall {
    static final String METHOD = "one";

    /** Logits that are not finite stop a sample: then the host says what is wrong. */
    private static final List<String> STAYS = List.of(
            "  def stays(self: __torch__.Net,",
            "    f: List[float],",
            "    margin: float) -> bool:",
            "    s = torch.sum(f)",
            "    if torch.eq(torch.sub(s, s), 0.):",
            "      m = ops.prim.max(f)",
            "      rest = torch.copy(f)",
            "      torch.remove(rest, m)",
            "      r = torch.lt(torch.sub(m, ops.prim.max(rest)), margin)",
            "    else:",
            "      r = False",
            "    return r");

    private OneCall() {}

    /** Whether a network has it: more than one exit, each with logits of two classes or more. */
    static boolean suits(NetworkPlan plan) {
        return plan.exits() > 1
                && plan.classes() > 1
                && plan.outputs().stream().allMatch(outputs -> outputs.contains(HeadOutput.LOGITS));
    }

    /** The methods' text, indented by two. */
    static String source(NetworkPlan plan) {
        List<String> lines = new ArrayList<>(STAYS);
        lines.add("  def " + METHOD + "(self: __torch__.Net,");
        lines.add("    a0: Tensor,");
        lines.add("    margins: List[float]) -> Tuple[List[Tensor], List[float]]:");
        stage(lines, plan, 1, "    ");
        lines.add("    return (t, f)");
        return lines.stream().map(line -> line + "\n").collect(Collectors.joining());
    }

    /** Runs stage n, and what follows it as far as the sample stays. */
    private static void stage(List<String> lines, NetworkPlan plan, int exit, String indent) {
        lines.add(indent + call(plan, exit));
        String values = "f" + (exit - 1);
        for (HeadOutput output : plan.outputs().get(exit - 1)) {
            String name = name(exit, output);
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
        lines.add(indent + "if (self).stays(f" + name(exit, HeadOutput.LOGITS) + ", margins[" + (exit - 1) + "], ):");
        stage(lines, plan, exit + 1, indent + "  ");
        lines.add(indent + "else:");
        List<String> arrays = new ArrayList<>(List.of("a" + exit));
        plan.readAfter(exit).forEach(input -> arrays.add(name(input.exit(), input.output())));
        lines.add(indent + "  t = [" + String.join(", ", arrays) + "]");
        lines.add(indent + "  f = f" + exit);
    }

    /** The call of stage n: {@code a<n>} is the activation behind it, {@code o<n>_<output>} what its heads give. */
    public static String call(NetworkPlan plan, int exit) {
        List<String> results = new ArrayList<>(List.of("a" + exit));
        plan.outputs().get(exit - 1).forEach(output -> results.add(name(exit, output)));
        List<String> arguments = new ArrayList<>(List.of("a" + (exit - 1)));
        for (Head.Input input : plan.earlierInputs().get(exit - 1)) {
            arguments.add(name(input.exit(), input.output()));
        }
        return String.join(", ", results) + ", = (self)." + ModuleStages.method(exit) + "("
                + String.join(", ", arguments) + ", )";
    }

    /** What a head's output is called. */
    public static String name(int exit, HeadOutput output) {
        return "o" + exit + "_" + output.name().toLowerCase(Locale.ROOT);
    }
}
