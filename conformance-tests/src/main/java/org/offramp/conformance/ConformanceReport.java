package org.offramp.conformance;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import org.offramp.api.StrategyPlugin;
import org.offramp.conformance.RuleResults.Check;

/**
 * What the suite says of a plugin: every rule of the contract, sorted by number, with no time and no place in it, so that the same plugin
 * gives the same bytes.
 *
 * @param plugin the plugin's name
 * @param version its version
 * @param jars the SHA-256 of each of its jars, by file name
 * @param rules what became of each rule, by number
 * @param faults failures that belong to no rule
 */
record ConformanceReport(
        String plugin, String version, SortedMap<String, String> jars, List<RuleState> rules, List<String> faults) {
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    /** What became of a rule. */
    enum State {
        /** It holds for every subject. */
        PASSED,
        /** It does not hold for a subject. */
        FAILED,
        /** The plugin brings nothing that it is about. */
        DOES_NOT_APPLY,
        /** It should have been checked and was not. */
        NOT_RUN
    }

    /**
     * A rule and what became of it.
     *
     * @param id its number
     * @param sentence its sentence
     * @param state what became of it
     * @param checks its subjects, sorted
     */
    record RuleState(String id, String sentence, State state, List<Check> checks) {}

    /**
     * Puts a report together.
     *
     * @param plugin the plugin's name
     * @param version its version
     * @param jars the SHA-256 of each of its jars
     * @param expected the numbers of the rules that the plugin must be checked against
     * @param results what ran
     */
    static ConformanceReport of(
            String plugin, String version, SortedMap<String, String> jars, Set<String> expected, RuleResults results) {
        Map<String, RuleState> rules = new LinkedHashMap<>();
        Contract.rules().forEach((id, sentence) -> {
            List<Check> checks = new ArrayList<>(results.checks().getOrDefault(id, List.of()));
            checks.sort(Comparator.comparing(Check::subject));
            rules.put(id, new RuleState(id, sentence, state(expected.contains(id), checks), checks));
        });
        return new ConformanceReport(
                plugin,
                version,
                jars,
                List.copyOf(rules.values()),
                results.faults().stream().sorted().toList());
    }

    private static State state(boolean expected, List<Check> checks) {
        if (checks.isEmpty()) {
            return expected ? State.NOT_RUN : State.DOES_NOT_APPLY;
        }
        return checks.stream().allMatch(Check::passed) ? State.PASSED : State.FAILED;
    }

    /** How many rules are in a state. */
    long count(State state) {
        return rules.stream().filter(rule -> rule.state() == state).count();
    }

    /** Whether every rule that applies was checked and holds, and there was one at least. */
    boolean passed() {
        return faults.isEmpty() && count(State.FAILED) == 0 && count(State.NOT_RUN) == 0 && count(State.PASSED) > 0;
    }

    /**
     * Writes {@code conformance.json} and {@code conformance.md}.
     *
     * @param folder where to; it exists
     * @throws IOException if it cannot be written
     */
    void write(Path folder) throws IOException {
        write(folder.resolve("conformance.json"), JSON.writeValueAsString(json()) + "\n");
        write(folder.resolve("conformance.md"), markdown());
    }

    private static void write(Path file, String text) throws IOException {
        Path beside = file.resolveSibling(file.getFileName() + ".part");
        Files.writeString(beside, text, StandardCharsets.UTF_8);
        Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private ObjectNode json() {
        ObjectNode root = JSON.createObjectNode();
        root.put("plugin", plugin);
        root.put("version", version);
        root.put("suite", SuiteVersion.VERSION);
        root.put("spi", StrategyPlugin.SPI_VERSION);
        ObjectNode hashes = root.putObject("jars");
        jars.forEach(hashes::put);
        root.put("passed", passed());
        ArrayNode list = root.putArray("rules");
        for (RuleState rule : rules) {
            ObjectNode node = list.addObject();
            node.put("rule", rule.id());
            node.put("sentence", rule.sentence());
            node.put("state", word(rule.state()));
            ArrayNode checks = node.putArray("checks");
            for (Check check : rule.checks()) {
                ObjectNode one = checks.addObject();
                one.put("subject", check.subject());
                one.put("passed", check.passed());
                if (!check.passed()) {
                    one.put("failure", check.failure());
                }
            }
        }
        ArrayNode others = root.putArray("faults");
        faults.forEach(others::add);
        return root;
    }

    private static String word(State state) {
        return state.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private String markdown() {
        StringBuilder text = new StringBuilder("# Conformance of " + plugin + " " + version + "\n\n");
        text.append(passed() ? "It conforms" : "It does not conform")
                .append(": ")
                .append(summary())
                .append(". Suite ")
                .append(SuiteVersion.VERSION)
                .append(", SPI ")
                .append(StrategyPlugin.SPI_VERSION)
                .append(".\n\n| jar | SHA-256 |\n|---|---|\n");
        jars.forEach((file, hash) ->
                text.append("| ").append(file).append(" | ").append(hash).append(" |\n"));
        text.append("\n| rule | state | subjects | sentence |\n|---|---|---|---|\n");
        for (RuleState rule : rules) {
            text.append("| ")
                    .append(rule.id())
                    .append(" | ")
                    .append(word(rule.state()))
                    .append(" | ")
                    .append(rule.checks().size())
                    .append(" | ")
                    .append(rule.sentence())
                    .append(" |\n");
        }
        for (String fault : faults) {
            text.append("\n```\n").append(fault).append("\n```\n");
        }
        for (RuleState rule : rules) {
            rule.checks().stream()
                    .filter(check -> !check.passed())
                    .forEach(check ->
                            text.append("\n```\n").append(check.failure()).append("\n```\n"));
        }
        return text.toString();
    }

    /** The numbers of rules by state. */
    String summary() {
        return count(State.PASSED) + " rules hold, " + count(State.FAILED) + " fail, " + count(State.NOT_RUN)
                + " did not run, " + count(State.DOES_NOT_APPLY) + " do not apply";
    }
}
