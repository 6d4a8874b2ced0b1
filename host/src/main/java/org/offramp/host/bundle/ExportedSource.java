package org.offramp.host.bundle;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.offramp.api.HeadOutput;
import org.offramp.host.inference.ModuleStages;
import org.offramp.host.network.NetworkPlan;

/**
 * The methods of an exported network beside its {@code stage<n>}: {@code forward} for one sample with an {@code if} at every exit, and
 * {@code stages} for batches, which computes every exit and takes each sample's answer from the first one that it may leave at. Both give
 * {@code (logits, exit, score)} of shapes {@code (batch, K)}, {@code (batch)} and {@code (batch)}.
 */
final class ExportedSource {
    private final NetworkPlan plan;
    private final boolean normalized;
    private final StringBuilder text = new StringBuilder();

    private ExportedSource(NetworkPlan plan, boolean normalized) {
        this.plan = plan;
        this.normalized = normalized;
    }

    /**
     * The methods' text, indented by two.
     *
     * @param plan the network
     * @param normalized whether there is a mean and a scale
     * @param policy the exit policy
     */
    static String of(NetworkPlan plan, boolean normalized, ExportedPolicy policy) {
        ExportedSource source = new ExportedSource(plan, normalized);
        source.forward();
        source.stages();
        return policy.source() + source.text;
    }

    private void header(String name) {
        line(1, "def " + name + "(self: __torch__.Net,");
        line(2, "x: Tensor) -> Tuple[Tensor, Tensor, Tensor]:");
    }

    private void forward() {
        header("forward");
        line(2, "if torch.ne(torch.size(x, 0), 1):");
        line(3, "ops.prim.RaiseException(\"forward takes a batch of one; stages takes any\")");
        line(2, "else:");
        line(3, "pass");
        input();
        int depth = 2;
        for (int exit = 1; exit < plan.exits(); exit++) {
            stage(depth, exit);
            line(depth, "if bool(" + reaches(exit) + "):");
            answer(depth + 1, exit);
            line(depth, "else:");
            depth++;
        }
        stage(depth, plan.exits());
        answer(depth, plan.exits());
        line(2, "return (logits, exit, score)");
    }

    private void answer(int depth, int exit) {
        line(depth, "logits = " + logits(exit));
        line(depth, "exit = " + number(exit));
        line(depth, "score = s" + exit);
    }

    private void stages() {
        header("stages");
        input();
        line(2, "b = torch.size(x, 0)");
        for (int exit = 1; exit <= plan.exits(); exit++) {
            stage(2, exit);
        }
        int last = plan.exits();
        line(2, "logits = " + logits(last));
        line(2, "exit = torch.expand(" + number(last) + ", [b])");
        line(2, "score = s" + last);
        for (int exit = last - 1; exit >= 1; exit--) {
            line(2, "g" + exit + " = " + reaches(exit));
            line(2, "logits = torch.where(torch.unsqueeze(g" + exit + ", 1), " + logits(exit) + ", logits)");
            line(2, "exit = torch.where(g" + exit + ", torch.expand(" + number(exit) + ", [b]), exit)");
            line(2, "score = torch.where(g" + exit + ", s" + exit + ", score)");
        }
        line(2, "return (logits, exit, score)");
    }

    private void input() {
        line(2, normalized ? "a0 = torch.mul(torch.sub(x, self.mean), self.scale)" : "a0 = x");
    }

    /** Runs stage n with its heads and scores its logits. */
    private void stage(int depth, int exit) {
        line(depth, ModuleStages.call(plan, exit));
        line(depth, "s" + exit + " = (self).score(" + logits(exit) + ", " + (exit - 1) + ", )");
    }

    private static String logits(int exit) {
        return ModuleStages.name(exit, HeadOutput.LOGITS);
    }

    private static String number(int exit) {
        return "torch.slice(self.exits, 0, " + (exit - 1) + ", " + exit + ", 1)";
    }

    private static String reaches(int exit) {
        return "torch.ge(torch.to(s" + exit + ", 7, False, False, None), torch.select(self.thresholds, 0, " + (exit - 1)
                + "))";
    }

    private void line(int depth, String line) {
        text.append(IntStream.range(0, depth).mapToObj(i -> "  ").collect(Collectors.joining()))
                .append(line)
                .append('\n');
    }
}
