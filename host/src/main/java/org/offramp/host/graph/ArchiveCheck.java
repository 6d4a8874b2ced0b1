package org.offramp.host.graph;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Looks an archive through before the engine's native code reads it: only what {@link Archive} writes passes. A file that was cut off,
 * changed or made by hand is refused with a message.
 */
final class ArchiveCheck {
    private static final Pattern EXTRA = Pattern.compile("net/extra/([A-Za-z0-9._-]+)");
    private static final Pattern DATA = Pattern.compile("net/data/(\\d{1,9})");
    private static final String ARGUMENTS = "[A-Za-z0-9_.,\\[\\]()= +-]*";
    private static final List<Pattern> LINES = List.of(
            Pattern.compile("class Net\\(Module\\):"),
            Pattern.compile("  __parameters__ = \\[(\"p\\d+\", )*]"),
            Pattern.compile("  __buffers__ = \\[]"),
            Pattern.compile("  \\w+ : Tensor"),
            Pattern.compile("  def \\w+\\(self: __torch__\\.Net,"),
            Pattern.compile("    \\w+: (Tensor|List\\[Tensor]),"),
            Pattern.compile("    \\w+: (Tensor|List\\[Tensor])\\) -> Tuple\\[(Tensor, )*Tensor]:"),
            Pattern.compile("    (n|v\\d+) = torch\\.\\w+\\(" + ARGUMENTS + "\\)"),
            Pattern.compile("    return \\(" + ARGUMENTS + ",\\)"),
            Pattern.compile("    return \\(self\\)\\.\\w+\\(" + ARGUMENTS + "\\)"));
    /** The lines of {@code one}, which calls nothing but {@code stays} and the stages. */
    private static final List<Pattern> ONE_CALL = List.of(
            Pattern.compile("    needs: List\\[float]\\) -> Tuple\\[List\\[Tensor], List\\[float]]:"),
            Pattern.compile(" {4,}a\\d+(, o\\d+_\\w+)+, = \\(self\\)\\.stage\\d+\\(\\w+(, \\w+)*, \\)"),
            Pattern.compile(
                    " {4,}fo\\d+_\\w+ = annotate\\(List\\[float], torch\\.reshape\\(o\\d+_\\w+, \\[-1]\\)\\.tolist\\(\\)\\)"),
            Pattern.compile(" {4,}f\\w* = (f\\w+|torch\\.add\\(f\\w+, f\\w+\\))"),
            Pattern.compile(" {4,}if \\(self\\)\\.stays\\(fo\\d+_logits, (needs\\[\\d+], )+\\):"),
            Pattern.compile(" {4,}else:"),
            Pattern.compile(" {4,}t = (annotate\\(List\\[Tensor], \\[]\\)|\\[\\w+(, \\w+)*])"),
            Pattern.compile("    return \\(t, f\\)"));
    /** A name with dots: a function, an attribute or a method. */
    private static final Pattern DOTTED = Pattern.compile("([A-Za-z_]\\w*|\\(self\\))\\.([A-Za-z_]\\w*)");

    /** A call of something that is neither a function of the engine's nor a method of the module's. */
    private static final Pattern BARE_CALL = Pattern.compile("(?<![\\w.])[A-Za-z_]\\w*\\(");

    private ArchiveCheck() {}

    /**
     * Checks an archive.
     *
     * @param archive its bytes
     * @return the files that ride along, by name
     * @throws ArchiveException if it is not one that Offramp wrote whole
     */
    static SortedMap<String, byte[]> check(byte[] archive) {
        Map<String, byte[]> entries = new LinkedHashMap<>(ZipEntries.read(archive));
        exactly(entries, "net/version", "10\n".getBytes(StandardCharsets.US_ASCII));
        exactly(entries, "net/constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
        Map<String, PickleReader.Attribute> attributes = PickleReader.read(take(entries, "net/data.pkl"));
        code(new String(take(entries, "net/code/__torch__.py"), StandardCharsets.UTF_8), attributes);
        SortedMap<String, byte[]> extras = new TreeMap<>();
        Map<Integer, Long> sizes = new LinkedHashMap<>();
        entries.forEach((name, content) -> {
            Matcher extra = EXTRA.matcher(name);
            Matcher data = DATA.matcher(name);
            if (extra.matches()) {
                extras.put(extra.group(1), content);
            } else if (data.matches()) {
                sizes.put(Integer.valueOf(data.group(1)), (long) content.length);
            } else {
                throw new ArchiveException("it holds '" + name + "'");
            }
        });
        for (Map.Entry<String, PickleReader.Attribute> attribute : attributes.entrySet()) {
            Long size = sizes.remove(attribute.getValue().storage());
            if (size == null || size != attribute.getValue().bytes()) {
                throw new ArchiveException("'" + attribute.getKey() + "' needs "
                        + attribute.getValue().bytes() + " bytes of values, there are " + size);
            }
        }
        if (!sizes.isEmpty()) {
            throw new ArchiveException("nothing uses the values " + sizes.keySet());
        }
        return extras;
    }

    private static void code(String code, Map<String, PickleReader.Attribute> attributes) {
        List<String> lines = new ArrayList<>(Arrays.asList(code.split("\n", -1)));
        if (lines.isEmpty() || !lines.remove(lines.size() - 1).isEmpty()) {
            throw new ArchiveException("its code is cut off");
        }
        for (String line : lines) {
            if (StaysMethod.writes(line) || matches(ONE_CALL, line)) {
                continue;
            }
            if (!matches(LINES, line)
                    || (line.startsWith("    ") && BARE_CALL.matcher(line).find())) {
                throw new ArchiveException("its code holds the line '" + line + "'");
            }
            Matcher dotted = DOTTED.matcher(line);
            while (dotted.find()) {
                String of = dotted.group(1);
                boolean allowed = switch (of) {
                    case "torch" -> Vocabulary.writes(dotted.group());
                    case "self" -> attributes.containsKey(dotted.group(2));
                    case "__torch__" -> dotted.group(2).equals("Net");
                    case "(self)" -> true;
                    default -> false;
                };
                if (!allowed) {
                    throw new ArchiveException("its code uses " + dotted.group());
                }
            }
        }
    }

    private static boolean matches(List<Pattern> patterns, String line) {
        return patterns.stream().anyMatch(pattern -> pattern.matcher(line).matches());
    }

    private static void exactly(Map<String, byte[]> entries, String name, byte[] expected) {
        if (!Arrays.equals(take(entries, name), expected)) {
            throw new ArchiveException("'" + name + "' is not as Offramp writes it");
        }
    }

    private static byte[] take(Map<String, byte[]> entries, String name) {
        byte[] content = entries.remove(name);
        if (content == null) {
            throw new ArchiveException("'" + name + "' is missing");
        }
        return content;
    }
}
