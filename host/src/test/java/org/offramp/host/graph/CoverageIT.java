package org.offramp.host.graph;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Which Blocks can be compiled, and that they then give what they give operation by operation. The table of docs/coverage.md is what
 * this test finds; {@code -Dofframp.write-coverage=true} writes it.
 */
class CoverageIT {
    private static final Path TABLE = Path.of("..", "docs", "coverage.md");
    private static final boolean WRITE = Boolean.getBoolean("offramp.write-coverage");
    private static final Map<String, String> FOUND = new ConcurrentHashMap<>();
    private static final String HEADER = """
            # What can be compiled
            <!-- Written by CoverageIT (host): ./mvnw -pl host -am -Dtest=CoverageIT -Dsurefire.failIfNoSpecifiedTests=false -Dtest.jvm.args="-Xmx3g -Dofframp.write-coverage=true" test -->

            Each row is a Block that a test traces, compiles and compares with itself run operation by operation, in batches of 1, 2, 7 and 64
            (large networks: fewer). `compiled` means: the plain archive gives the same bits; the one that is used, with BatchNorm folded and
            channels last, the same within 10⁻⁵ of the largest value. In training mode the plain archive gives the same outputs and running
            statistics bit for bit and the same gradients within 10⁻⁶; the one that is used, with channels last, is within 10⁻⁵, or within ten
            times what the Block differs from itself when its input changes in the last digit (gradients: 10⁻², a hundred times). Anything else runs operation by operation, for
            the reason given. MACs are those of one sample.

            | group | Block | input | MACs | inference | training |
            |---|---|---|---|---|---|
            """;

    static {
        Engine.getInstance();
    }

    private static final List<Subject> SUBJECTS = Stream.of(OfframpBlocks.all(), MethodHeads.all(), DjlBlocks.all())
            .flatMap(Function.identity())
            .toList();

    static List<Subject> subjects() {
        return SUBJECTS;
    }

    @ParameterizedTest
    @MethodSource("subjects")
    void aCompiledBlockGivesWhatItGivesOpByOp(Subject subject) throws IOException {
        String row = "| " + subject.group() + " | " + subject.name() + " | " + input(subject) + " | " + macs(subject)
                + " | " + said(() -> inference(subject)) + " | " + said(() -> training(subject)) + " |";
        FOUND.put(subject.toString(), row);
        if (!WRITE) {
            assertThat(Files.readAllLines(TABLE)).contains(row);
        }
    }

    @Test
    void theTableHasTheseRowsAndNoOthers() throws IOException {
        if (!WRITE) {
            assertThat(Files.readString(TABLE)).startsWith(HEADER);
            assertThat(Files.readAllLines(TABLE).stream().filter(line -> line.startsWith("|")))
                    .hasSize(2 + subjects().size());
        }
    }

    @AfterAll
    static void write() throws IOException {
        if (WRITE) {
            List<String> rows = new ArrayList<>();
            subjects().forEach(subject -> rows.add(String.valueOf(FOUND.get(subject.toString()))));
            Files.writeString(TABLE, HEADER + String.join("\n", rows) + "\n");
        }
    }

    private static String inference(Subject subject) {
        try (Comparison plain = new Comparison(subject, Compiler.Form.PLAIN)) {
            assertThat(plain.inference()).as("plain").isZero();
        }
        try (Comparison compiled = new Comparison(subject, Compiler.Form.INFERENCE)) {
            assertThat(compiled.inference()).as("compiled").isLessThanOrEqualTo(1e-5);
        }
        return "compiled";
    }

    private static String training(Subject subject) {
        try (Comparison plain = new Comparison(subject, Compiler.Form.PLAIN_TRAINING)) {
            Comparison.Differences exact = plain.training();
            assertThat(exact.outputs()).as("plain outputs").isZero();
            assertThat(exact.statistics()).as("plain running statistics").isZero();
            assertThat(exact.gradients()).as("plain gradients").isLessThanOrEqualTo(1e-6);
        }
        Comparison.Differences rounding;
        try (Comparison own = new Comparison(subject, Compiler.Form.TRAINING)) {
            rounding = own.rounding();
        }
        try (Comparison compiled = new Comparison(subject, Compiler.Form.TRAINING)) {
            Comparison.Differences close = compiled.training();
            assertThat(close.outputs()).as("outputs").isLessThanOrEqualTo(Math.max(1e-5, 10 * rounding.outputs()));
            assertThat(close.statistics())
                    .as("running statistics")
                    .isLessThanOrEqualTo(Math.max(1e-5, 10 * rounding.statistics()));
            assertThat(close.gradients())
                    .as("gradients")
                    .isLessThanOrEqualTo(Math.max(1e-2, 100 * rounding.gradients()));
        }
        return "compiled";
    }

    private static String said(Supplier<String> result) {
        try {
            return result.get();
        } catch (UntraceableException e) {
            return "op by op: " + String.valueOf(e.getMessage()).replace("|", "\\|");
        }
    }

    private static String input(Subject subject) {
        String shapes = String.join(
                ", ", subject.shapes().stream().map(Object::toString).toList());
        return subject.tokens() > 0 ? shapes + " of words" : shapes;
    }

    private static String macs(Subject subject) {
        try (NDManager manager = NDManager.newBaseManager()) {
            Block block = subject.make(manager);
            return String.format(Locale.ROOT, "%,d", Macs.perSample(block::forward, subject.shapes()));
        }
    }
}
