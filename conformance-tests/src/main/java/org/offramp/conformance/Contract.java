package org.offramp.conformance;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The rules as {@code docs/contract.md} lists them; the page is in the suite's jar. */
final class Contract {
    private static final Pattern RULE = Pattern.compile("^- \\*\\*([A-Z]-\\d\\d)\\*\\* (.+)$", Pattern.MULTILINE);

    private Contract() {}

    /** The sentences by number. */
    static SortedMap<String, String> rules() {
        SortedMap<String, String> rules = new TreeMap<>();
        Matcher matcher = RULE.matcher(text());
        while (matcher.find()) {
            String earlier = rules.put(matcher.group(1), matcher.group(2).strip());
            if (earlier != null) {
                throw new IllegalStateException("docs/contract.md has two rules " + matcher.group(1));
            }
        }
        return rules;
    }

    private static String text() {
        try (InputStream page = Contract.class.getResourceAsStream("contract.md")) {
            if (page == null) {
                throw new IllegalStateException("contract.md is not in the suite's jar");
            }
            return new String(page.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
