package org.offramp.host.graph;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.Block;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Archives as Python sees them: {@code torch.jit.load} takes them and gives the same numbers. Left out where Python has no torch. */
class PythonTest {
    private static final String SCRIPT = """
            import struct, sys, torch
            for folder in sys.argv[1:]:
                extra = {'about.txt': ''}
                module = torch.jit.load(folder + '/net.pt', _extra_files=extra)
                assert extra['about.txt'] in ('rides along', b'rides along'), extra
                shape = [int(size) for size in open(folder + '/shape').read().split()]
                values = open(folder + '/input', 'rb').read()
                x = torch.tensor(struct.unpack('<%df' % (len(values) // 4), values)).reshape(shape)
                expected = open(folder + '/output', 'rb').read()
                expected = torch.tensor(struct.unpack('<%df' % (len(expected) // 4), expected))
                with torch.no_grad():
                    given = module.run(x)[0].flatten()
                print(folder.split('/')[-1], float((given - expected).abs().max() / expected.abs().max()))
            """;

    @TempDir
    private Path work;

    @BeforeAll
    static void engine() {
        Engine.getInstance();
    }

    private record Ran(int code, String text) {}

    private Ran run(List<String> command) throws IOException, InterruptedException {
        Path log = work.resolve("log");
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            return new Ran(process.waitFor(), Files.readString(log));
        } catch (IOException e) {
            return new Ran(-1, String.valueOf(e.getMessage()));
        }
    }

    private Optional<String> pythonWithTorch() throws IOException, InterruptedException {
        for (String python : List.of("python3", "/usr/bin/python3")) {
            if (run(List.of(python, "-c", "import torch")).code() == 0) {
                return Optional.of(python);
            }
        }
        return Optional.empty();
    }

    /** Element-wise slopes need an operator that PyTorch has since 2.0 only; the rest loads in 1.13 too. */
    private static Stream<Subject> subjects() {
        return Stream.concat(OfframpBlocks.all(), DjlBlocks.all())
                .filter(subject -> subject.shapes().size() == 1)
                .filter(subject -> !subject.name().contains("prelu: element"))
                .filter(subject -> !subject.group().equals("model zoo"));
    }

    private void write(Path folder, Subject subject) throws IOException {
        Files.createDirectories(folder);
        try (NDManager manager = NDManager.newBaseManager()) {
            Block block = subject.make(manager);
            Compiler compiler = new Compiler(Subject.parameters(block), Compiler.Form.INFERENCE);
            compiler.add("run", block::forward, subject.shapes(), false);
            compiler.extra("about.txt", "rides along".getBytes(StandardCharsets.UTF_8));
            byte[] archive = compiler.archive();
            NDList inputs = subject.inputs(manager, 3, 5);
            Files.write(folder.resolve("net.pt"), archive);
            Files.write(folder.resolve("input"), bytes(inputs.get(0)));
            StringBuilder shape = new StringBuilder();
            for (long size : inputs.get(0).getShape().getShape()) {
                shape.append(size).append(' ');
            }
            Files.writeString(folder.resolve("shape"), shape);
            try (CompiledModule module = new CompiledModule(archive)) {
                Files.write(
                        folder.resolve("output"),
                        bytes(module.call("run", inputs).get(0)));
            }
        }
    }

    private static byte[] bytes(NDArray array) {
        float[] values = array.toFloatArray();
        ByteBuffer buffer = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        buffer.asFloatBuffer().put(values);
        return buffer.array();
    }

    @Test
    void pythonLoadsArchivesAndGivesTheSameNumbers() throws Exception {
        Optional<String> python = pythonWithTorch();
        if (python.isEmpty()) {
            System.err.println("LEFT OUT: no python3 on this machine can import torch, so no archive was loaded there");
        }
        Assumptions.assumeTrue(python.isPresent(), "no python3 that can import torch");
        Path script = work.resolve("check.py");
        Files.writeString(script, SCRIPT);
        List<String> command = new ArrayList<>(List.of(python.orElseThrow(), script.toString()));
        int number = 0;
        for (Subject subject : subjects().toList()) {
            Path folder = work.resolve("n" + number);
            try {
                write(folder, subject);
            } catch (UntraceableException e) {
                // The table of what can be compiled names it.
                continue;
            }
            command.add(folder.toString());
            number++;
        }
        Ran ran = run(command);
        assertThat(ran.code()).as(ran.text()).isZero();
        List<String> lines =
                ran.text().lines().filter(line -> line.matches("n\\d+ .*")).toList();
        assertThat(lines).as(ran.text()).hasSize(number).hasSizeGreaterThan(30);
        assertThat(lines)
                .allSatisfy(line -> assertThat(Double.parseDouble(line.substring(line.indexOf(' ') + 1)))
                        .as(line)
                        .isLessThanOrEqualTo(1e-5));
    }
}
