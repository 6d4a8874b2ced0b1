package org.offramp.host.graph;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The method {@code stays} of an archive, in TorchScript: whether one sample's logits give less than it needs to leave. Its arguments
 * behind the logits are the least difference between the two greatest ones, what logits are multiplied with, one over the temperature T,
 * and the greatest sum of exp((z − max z) / T).
 */
public final class StaysMethod {
    /** Of more classes only the two greatest logits are looked at: a loop in TorchScript costs more than a call. */
    private static final int MOST_SUMMED = 64;

    /**
     * Most stay for the difference between their two greatest logits: a probability p needs at least T log(p / (1 − p)), whatever the others
     * are. Logits that are not finite stop a sample: then the host says what is wrong.
     */
    private static final List<String> DIFFERENCE = List.of(
            "  def stays(self: __torch__.Net,",
            "    f: List[float],",
            "    margin: float,",
            "    inverse: float,",
            "    most: float) -> bool:",
            "    s = torch.sum(f)",
            "    if torch.eq(torch.sub(s, s), 0.):",
            "      m = ops.prim.max(f)",
            "      rest = torch.copy(f)",
            "      torch.remove(rest, m)",
            "      r = torch.lt(torch.sub(m, ops.prim.max(rest)), margin)");

    /** The others do for the sum of exp((z − max z) / T), which is one over the greatest probability. */
    private static final List<String> SUM = List.of(
            "      if r:",
            "        pass",
            "      else:",
            "        e = 0.",
            "        for i in range(torch.len(f)):",
            "          e = torch.add(e, torch.exp(torch.mul(torch.sub(f[i], m), inverse)))",
            "        r = torch.gt(e, most)");

    private static final List<String> END = List.of("    else:", "      r = False", "    return r");

    private StaysMethod() {}

    /**
     * Its text, indented by two.
     *
     * @param classes the number of classes K, at least 2
     */
    public static String source(int classes) {
        return Stream.of(DIFFERENCE, classes <= MOST_SUMMED ? SUM : List.<String>of(), END)
                .flatMap(List::stream)
                .map(line -> line + "\n")
                .collect(Collectors.joining());
    }

    /** Whether a line is one of its own. */
    static boolean writes(String line) {
        return DIFFERENCE.contains(line) || SUM.contains(line) || END.contains(line);
    }
}
