package org.offramp.host.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** An archive as a file: what it promises, and what is refused before the engine's native code sees it. */
class ArchiveTest {
    private static final Subject SUBJECT = OfframpBlocks.all().findFirst().orElseThrow();
    private static byte[] archive = new byte[0];

    @BeforeAll
    static void write() {
        Engine.getInstance();
        archive = compile();
    }

    private static byte[] compile() {
        try (NDManager manager = NDManager.newBaseManager()) {
            Block block = SUBJECT.make(manager);
            Compiler compiler = new Compiler(Subject.parameters(block), Compiler.Form.INFERENCE);
            compiler.add("run", block::forward, SUBJECT.shapes(), true);
            compiler.extra("about.txt", "what rides along".getBytes(StandardCharsets.UTF_8));
            return compiler.archive();
        }
    }

    @Test
    void theSameNetworkGivesTheSameBytes() {
        assertThat(compile()).isEqualTo(archive);
    }

    @Test
    void whatRidesAlongCanBeReadBack() {
        try (CompiledModule module = new CompiledModule(archive)) {
            assertThat(module.extras()).containsOnlyKeys("about.txt");
            assertThat(module.extras().get("about.txt"))
                    .asString(StandardCharsets.UTF_8)
                    .isEqualTo("what rides along");
        }
        Compiler compiler = new Compiler(Map.of(), Compiler.Form.PLAIN);
        assertThatThrownBy(() -> compiler.extra("../escape", new byte[0])).hasMessageContaining("../escape");
    }

    @Test
    void severalThreadsMayUseOneModule() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try (NDManager manager = NDManager.newBaseManager();
                CompiledModule module = new CompiledModule(archive)) {
            NDList inputs = SUBJECT.inputs(manager, 5, 1);
            float[] expected = module.call("run", inputs).get(0).toFloatArray();
            List<Callable<Boolean>> calls = IntStream.range(0, 200)
                    .<Callable<Boolean>>mapToObj(i -> () -> {
                        try (NDManager scope = NDManager.newBaseManager()) {
                            NDList own = SUBJECT.inputs(scope, 5, 1);
                            return Arrays.equals(
                                    expected, module.call("run", own).get(0).toFloatArray());
                        }
                    })
                    .toList();
            for (Future<Boolean> call : threads.invokeAll(calls)) {
                assertThat(call.get()).isTrue();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void anArchiveCutOffAnywhereIsRefused() {
        // Every length near the ends, and a thousand between.
        IntStream lengths = IntStream.concat(
                IntStream.concat(IntStream.range(0, 64), IntStream.range(archive.length - 64, archive.length)),
                IntStream.range(1, 1000).map(i -> (int) ((long) archive.length * i / 1000)));
        lengths.forEach(length -> assertThatThrownBy(() -> ArchiveCheck.check(Arrays.copyOf(archive, length)))
                .isInstanceOf(ArchiveException.class)
                .hasMessageStartingWith("the compiled archive is refused: "));
    }

    @Test
    void aChangedByteIsRefusedOrChangesNothingThatIsRead() {
        Map<String, byte[]> before = ZipEntries.read(archive);
        for (int at = 0; at < archive.length; at += Math.max(1, archive.length / 4000)) {
            byte[] changed = archive.clone();
            changed[at] ^= 0x41;
            Map<String, byte[]> read;
            try {
                read = ZipEntries.read(changed);
            } catch (ArchiveException e) {
                continue;
            }
            // Times and version numbers of the zip format.
            assertThat(read.keySet()).as("byte " + at).isEqualTo(before.keySet());
            read.forEach((name, content) -> assertThat(content).isEqualTo(before.get(name)));
        }
    }

    private static byte[] zip(Map<String, byte[]> entries, Consumer<ZipEntry> mark) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> each : entries.entrySet()) {
                ZipEntry entry = new ZipEntry(each.getKey());
                CRC32 crc = new CRC32();
                crc.update(each.getValue());
                entry.setMethod(ZipEntry.STORED);
                entry.setSize(each.getValue().length);
                entry.setCrc(crc.getValue());
                mark.accept(entry);
                zip.putNextEntry(entry);
                zip.write(each.getValue());
                zip.closeEntry();
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static byte[] with(Consumer<Map<String, byte[]>> change) {
        Map<String, byte[]> entries = new LinkedHashMap<>(ZipEntries.read(archive));
        change.accept(entries);
        return zip(entries, entry -> {});
    }

    private static byte[] withCode(UnaryOperator<String> change) {
        return with(entries -> entries.compute(
                "net/code/__torch__.py",
                (name, code) ->
                        change.apply(new String(code, StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8)));
    }

    private static byte[] withPickle(UnaryOperator<String> change) {
        return with(entries -> entries.compute(
                "net/data.pkl",
                (name, pickle) -> change.apply(new String(pickle, StandardCharsets.ISO_8859_1))
                        .getBytes(StandardCharsets.ISO_8859_1)));
    }

    static Stream<Arguments> hostile() {
        return Stream.of(
                Arguments.of("nothing", (Supplied) () -> new byte[0], "truncated"),
                Arguments.of("no zip", (Supplied) () -> new byte[4096], "truncated"),
                Arguments.of(
                        "a path that climbs",
                        (Supplied) () -> with(entries -> entries.put("net/../../etc/x", new byte[1])),
                        "it holds 'net/../../etc/x'"),
                Arguments.of(
                        "another root",
                        (Supplied) () -> with(entries -> entries.put("other/version", new byte[1])),
                        "it holds 'other/version'"),
                Arguments.of(
                        "a later version",
                        (Supplied) () -> with(entries -> entries.put("net/version", new byte[] {'1', '1', '\n'})),
                        "'net/version' is not as Offramp writes it"),
                Arguments.of(
                        "no values", (Supplied) () -> with(entries -> entries.remove("net/data/0")), "there are null"),
                Arguments.of(
                        "too few values",
                        (Supplied) () -> with(entries -> entries.put("net/data/0", new byte[4])),
                        "there are 4"),
                Arguments.of(
                        "values of nothing",
                        (Supplied) () -> with(entries -> entries.put("net/data/999", new byte[4])),
                        "nothing uses the values [999]"),
                Arguments.of(
                        "constants of its own",
                        (Supplied) () -> with(entries -> entries.put("net/constants.pkl", new byte[] {1})),
                        "'net/constants.pkl'"),
                Arguments.of(
                        "bytes behind the end",
                        (Supplied) () -> Arrays.copyOf(archive, archive.length + 1),
                        "truncated"),
                Arguments.of(
                        "bytes before the beginning",
                        (Supplied) () -> {
                            byte[] shifted = new byte[archive.length + 3];
                            System.arraycopy(archive, 0, shifted, 3, archive.length);
                            return shifted;
                        },
                        "its directory is not where it should be"),
                Arguments.of(
                        "a class of Python's in the pickle",
                        (Supplied) () -> withPickle(text -> text.replaceFirst("ctorch\nFloatStorage", "cos\nsystem")),
                        "data.pkl names a class that is not a storage"),
                Arguments.of(
                        "another class of torch's",
                        (Supplied) () -> withPickle(text -> text.replaceFirst("FloatStorage", "load")),
                        "data.pkl names the class torch.load"),
                Arguments.of(
                        "another function in the pickle",
                        (Supplied)
                                () -> withPickle(text -> text.replaceFirst("_rebuild_tensor_v2", "_rebuild_wrapper")),
                        "data.pkl names torch._utils._rebuild_wrapper"),
                Arguments.of(
                        "a pickle that ends too early",
                        (Supplied) () -> withPickle(text -> text.substring(0, text.length() / 2)),
                        "data.pkl"),
                Arguments.of(
                        "a pickle that goes on",
                        (Supplied) () -> withPickle(text -> text + "."),
                        "data.pkl goes on after its end"),
                Arguments.of(
                        "a function that opens files",
                        (Supplied) () -> withCode(code -> code.replaceFirst("torch.conv2d\\(", "torch.from_file(")),
                        "its code uses torch.from_file"),
                Arguments.of(
                        "an operator by its number",
                        (Supplied) () ->
                                withCode(code -> code.replaceFirst("torch.conv2d\\(", "torch.relu(ops.aten.save(")),
                        "its code"),
                Arguments.of(
                        "a function by its bare name",
                        (Supplied) () -> withCode(code -> code.replaceFirst("torch.conv2d\\(", "torch.relu(print(")),
                        "its code holds the line"),
                Arguments.of(
                        "an import",
                        (Supplied) () -> withCode(code -> "import os\n" + code),
                        "its code holds the line 'import os'"),
                Arguments.of(
                        "a loop without end",
                        (Supplied) () -> withCode(
                                code -> code.replaceFirst("    return", "    while True:\n      pass\n    return")),
                        "its code holds the line '    while True:'"),
                Arguments.of(
                        "a list of what a function gives",
                        (Supplied) () -> withCode(
                                code -> code.replaceFirst("    return", "    t = [torch.from_file(x0)]\n    return")),
                        "its code holds the line '    t = [torch.from_file(x0)]'"),
                Arguments.of(
                        "an attribute that is not there",
                        (Supplied) () -> withCode(code -> code.replaceFirst("self\\.\\w+", "self.other")),
                        "its code uses self.other"),
                Arguments.of(
                        "code without an end",
                        (Supplied) () -> withCode(code -> code.substring(0, code.length() - 4)),
                        "its code is cut off"));
    }

    private interface Supplied {
        byte[] bytes();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("hostile")
    void aHostileArchiveIsRefusedBeforeItReachesTheEngine(String what, Supplied hostile, String message) {
        assertThatThrownBy(() -> new CompiledModule(hostile.bytes()))
                .isInstanceOf(ArchiveException.class)
                .hasMessageContaining(message);
    }

    @Test
    void packedAndRepeatedEntriesAreRefused() {
        byte[] packed = zip(ZipEntries.read(archive), entry -> {
            if (entry.getName().equals("net/version")) {
                entry.setMethod(ZipEntry.DEFLATED);
                entry.setCompressedSize(-1);
            }
        });
        assertThatThrownBy(() -> ArchiveCheck.check(packed)).isInstanceOf(ArchiveException.class);
        String text = new String(archive, StandardCharsets.ISO_8859_1).replace("net/data/1", "net/data/0");
        assertThatThrownBy(() -> ArchiveCheck.check(text.getBytes(StandardCharsets.ISO_8859_1)))
                .hasMessageContaining("'net/data/0' is there twice");
    }

    @Test
    void theSameEntriesWrittenByAnotherZipWriterAreTaken() {
        assertThatCode(() -> ArchiveCheck.check(with(entries -> {}))).doesNotThrowAnyException();
        try (NDManager manager = NDManager.newBaseManager();
                CompiledModule module = new CompiledModule(with(entries -> {}))) {
            NDArray result = module.call("run", SUBJECT.inputs(manager, 2, 1)).get(0);
            assertThat(result.getShape().get(0)).isEqualTo(2);
        }
    }
}
