package org.offramp.host.bundle;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The built-in exit policies whose rule can be written in TorchScript. Each is the policy's own arithmetic: in double precision, with
 * the same roundings to single precision.
 */
enum ExportedPolicy {
    /** The greatest class probability, of logits divided by a temperature. */
    MAX_PROBABILITY("max-probability"),
    /** The same with a temperature fitted for each exit. */
    TEMPERATURE("temperature"),
    /** Minus the entropy in nats, the greatest term kept out of the sum. */
    ENTROPY("entropy"),
    /** The greatest class probability minus the second greatest. */
    MARGIN("margin");

    private static final String DOUBLE = ", 7, False, False, None)";
    private static final String SINGLE = ", 6, False, False, None)";

    private final String word;

    ExportedPolicy(String word) {
        this.word = word;
    }

    /** The policy of a name, if it is one of these. */
    static Optional<ExportedPolicy> of(String name) {
        return Arrays.stream(values())
                .filter(policy -> policy.word.equals(name))
                .findFirst();
    }

    /** The names. */
    static List<String> names() {
        return Arrays.stream(values()).map(policy -> policy.word).toList();
    }

    /**
     * What the logits of each exit are divided by.
     *
     * @param config the policy's section
     * @param state what it learned
     * @param exits the number of exits N
     */
    double[] temperatures(JsonNode config, Map<String, double[]> state, int exits) {
        double[] fitted = state.get("temperatures");
        if (this == TEMPERATURE && fitted != null) {
            return fitted.clone();
        }
        double[] same = new double[exits];
        Arrays.fill(same, this == MAX_PROBABILITY ? config.path("temperature").asDouble(1) : 1);
        return same;
    }

    /** The method {@code score(logits, exit)}: {@code (batch, K)} and the exit counted from 0 to scores {@code (batch)}. */
    String source() {
        String head = "  def score(self: __torch__.Net,\n    logits: Tensor,\n    exit: int) -> Tensor:\n";
        return body().map(line -> "    " + line + "\n").collect(Collectors.joining("", head, ""));
    }

    private Stream<String> body() {
        return switch (this) {
            case MAX_PROBABILITY, TEMPERATURE ->
                Stream.concat(probabilities(), Stream.of("return torch.amax(p, [1], False)"));
            case MARGIN ->
                Stream.concat(
                        probabilities(),
                        Stream.of(
                                "t, i, = torch.topk(p, 2, 1, True, True)",
                                "t0 = torch.to(torch.select(t, 1, 0)" + DOUBLE,
                                "t1 = torch.to(torch.select(t, 1, 1)" + DOUBLE,
                                "return torch.to(torch.sub(t0, t1)" + SINGLE));
            case ENTROPY ->
                Stream.of(
                        "z = torch.to(logits" + DOUBLE,
                        "d = torch.sub(z, torch.amax(z, [1], True))",
                        "e = torch.scatter(torch.exp(d), 1, torch.argmax(z, 1, True), 0.)",
                        "o = torch.sum(e, [1])",
                        "m = torch.sum(torch.mul(e, d), [1])",
                        "h = torch.sub(torch.log1p(o), torch.div(m, torch.add(o, 1.)))",
                        "return torch.to(torch.neg(h)" + SINGLE);
        };
    }

    /** The softmax of the logits without their greatest, divided by the exit's temperature. */
    private static Stream<String> probabilities() {
        return Stream.of(
                "z = torch.to(logits" + DOUBLE,
                "d = torch.div(torch.sub(z, torch.amax(z, [1], True)), torch.select(self.temperatures, 0, exit))",
                "r = torch.to(torch.to(d" + SINGLE + DOUBLE,
                "p = torch.to(torch.softmax(r, 1)" + SINGLE);
    }
}
