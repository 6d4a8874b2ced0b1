package org.offramp.host.cli;

import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.inject.Inject;
import com.google.inject.Provider;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.offramp.host.bundle.Bundle;
import org.offramp.host.bundle.BundleException;
import org.offramp.host.bundle.EarlyExitModel;
import org.offramp.host.inference.InferenceException;
import org.offramp.host.plugin.PluginRegistry;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code offramp predict BUNDLE INPUT…}. */
@Command(
        name = "predict",
        mixinStandardHelpOptions = true,
        description = {
            "Answer images (.png, .jpg, .bmp, .gif), rows of .csv files, lines of .txt files as texts, and one JSON value a line of .jsonl files",
            "or - (standard input): an array of numbers, a text, or an object with a text, {\"text\": …}.",
            "One JSON object a line comes out, in the order of the input; a bad item gives an error line and the rest go on.",
            "With --stream the inputs are rows of sensor readings: they are cut into windows as the bundle says and answered as these fill."
        })
final class PredictCommand implements Callable<Integer> {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Parameters(index = "0", paramLabel = "BUNDLE", description = "the bundle")
    private Path directory = Path.of("");

    @Parameters(index = "1..*", arity = "1..*", paramLabel = "INPUT", description = "files, or - for standard input")
    private List<String> inputs = new ArrayList<>();

    @Option(names = "--batch", paramLabel = "N", description = "samples per call (default: ${DEFAULT-VALUE})")
    private int batch = 64;

    @Option(
            names = "--stream",
            description = "rows of sensor readings, one channel a column, or the time in seconds first; gaps are named")
    private boolean stream;

    @Option(names = "--text", description = "the lines of standard input are texts, as those of a .txt file are")
    private boolean text;

    @Option(names = "--threshold", paramLabel = "T", description = "another threshold for all early exits")
    private @Nullable Double threshold;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    private final Provider<PluginRegistry> plugins;
    private final List<Item> waiting = new ArrayList<>();
    private boolean failed;

    @Inject
    PredictCommand(Provider<PluginRegistry> plugins) {
        this.plugins = plugins;
    }

    /** What is in an input. */
    private enum Form {
        NUMBERS,
        JSON,
        TEXT,
        IMAGE;

        static Form of(String name) {
            return name.endsWith(".csv")
                    ? NUMBERS
                    : name.endsWith(".jsonl") ? JSON : name.endsWith(".txt") ? TEXT : IMAGE;
        }
    }

    /** A sample, or why there is none. */
    private record Item(String name, float @Nullable [] values, String error) {}

    @Override
    public Integer call() throws IOException {
        if (batch < 1) {
            throw new CommandLine.ParameterException(spec.commandLine(), "--batch " + batch + "; at least 1");
        }
        PrintWriter out = spec.commandLine().getOut();
        try (EarlyExitModel loaded = EarlyExitModel.load(directory, plugins.get());
                EarlyExitModel model = threshold == null
                        ? loaded.withThreshold(loaded.thresholds())
                        : loaded.withThreshold(threshold)) {
            for (String input : inputs) {
                if (stream) {
                    readings(input, Bundle.open(directory).windows(), model, out);
                } else {
                    read(input, model, out);
                }
            }
            flush(model, out);
        }
        return failed ? 1 : 0;
    }

    private void read(String input, EarlyExitModel model, PrintWriter out) throws IOException {
        String name = input.toLowerCase(Locale.ROOT);
        if (input.equals("-")) {
            lines(standardInput(), input, text ? Form.TEXT : Form.JSON, model, out);
        } else if (!Files.isRegularFile(Path.of(input))) {
            add(new Item(input, null, "there is no such file"), model, out);
        } else if (Form.of(name) != Form.IMAGE) {
            try (BufferedReader reader = Files.newBufferedReader(Path.of(input))) {
                lines(reader, input, Form.of(name), model, out);
            } catch (CharacterCodingException e) {
                add(new Item(input, null, "what follows is not UTF-8"), model, out);
            }
        } else {
            add(image(input, model.inputShape()), model, out);
        }
    }

    private void readings(String input, Bundle.Windows windows, EarlyExitModel model, PrintWriter out)
            throws IOException {
        if (!input.equals("-") && !Files.isRegularFile(Path.of(input))) {
            add(new Item(input, null, "there is no such file"), model, out);
            return;
        }
        SensorStream readings =
                new SensorStream(windows.channels(), windows.length(), windows.stride(), windows.rate());
        try (BufferedReader reader = input.equals("-") ? standardInput() : Files.newBufferedReader(Path.of(input))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                for (SensorStream.Event event : readings.add(line)) {
                    add(new Item(input + ":" + event.rows(), event.window(), event.problem()), model, out);
                    flush(model, out);
                }
            }
        }
    }

    private static BufferedReader standardInput() {
        return new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    }

    private void lines(BufferedReader reader, String input, Form form, EarlyExitModel model, PrintWriter out)
            throws IOException {
        int number = 0;
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            number++;
            if (!line.isBlank()) {
                add(values(input + ":" + number, line, form, model), model, out);
            }
        }
    }

    private static Item values(String name, String line, Form form, EarlyExitModel model) {
        try {
            return new Item(
                    name,
                    switch (form) {
                        case NUMBERS -> cells(line);
                        case TEXT -> model.sample(line);
                        default -> json(JSON.readTree(line), model);
                    },
                    "");
        } catch (NumberFormatException | JsonProcessingException e) {
            return new Item(name, null, "not a row of numbers: " + e.getMessage());
        } catch (BundleException e) {
            return new Item(name, null, String.valueOf(e.getMessage()));
        }
    }

    private static float[] cells(String line) {
        String[] cells = line.split(",", -1);
        float[] values = new float[cells.length];
        for (int i = 0; i < cells.length; i++) {
            values[i] = Float.parseFloat(cells[i].trim());
        }
        return values;
    }

    private static float[] json(JsonNode value, EarlyExitModel model) {
        JsonNode text = value.isObject() ? value.path("text") : value;
        if (text.isTextual()) {
            return model.sample(text.asText());
        }
        List<Float> flat = new ArrayList<>();
        flatten(value, flat);
        float[] values = new float[flat.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = flat.get(i);
        }
        return values;
    }

    private static void flatten(JsonNode node, List<Float> values) {
        if (node.isArray()) {
            node.forEach(element -> flatten(element, values));
        } else if (node.isNumber()) {
            values.add(node.floatValue());
        } else {
            throw new NumberFormatException("'" + node + "'");
        }
    }

    private static Item image(String input, Shape shape) {
        if (shape.dimension() != 3 || (shape.get(0) != 1 && shape.get(0) != 3)) {
            return new Item(input, null, "the model takes samples of shape " + shape + ", not images");
        }
        try {
            BufferedImage image = ImageIO.read(Path.of(input).toFile());
            return image == null
                    ? new Item(input, null, "not an image this Java can read")
                    : new Item(input, pixels(image, shape), "");
        } catch (IOException e) {
            return new Item(input, null, "cannot be read: " + e.getMessage());
        }
    }

    private static float[] pixels(BufferedImage image, Shape shape) {
        int channels = (int) shape.get(0);
        int height = (int) shape.get(1);
        int width = (int) shape.get(2);
        BufferedImage scaled = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = scaled.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
        graphics.drawImage(image, 0, 0, width, height, null);
        graphics.dispose();
        float[] values = new float[channels * height * width];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int rgb = scaled.getRGB(x, y);
                float red = (rgb >> 16 & 255) / 255f;
                float green = (rgb >> 8 & 255) / 255f;
                float blue = (rgb & 255) / 255f;
                int place = y * width + x;
                if (channels == 1) {
                    values[place] = 0.299f * red + 0.587f * green + 0.114f * blue;
                } else {
                    values[place] = red;
                    values[height * width + place] = green;
                    values[2 * height * width + place] = blue;
                }
            }
        }
        return values;
    }

    private void add(Item item, EarlyExitModel model, PrintWriter out) {
        Item checked = item;
        if (item.values() != null && item.values().length != model.inputShape().size()) {
            checked = new Item(
                    item.name(),
                    null,
                    item.values().length + " values; the model takes "
                            + model.inputShape().size() + ", of shape " + model.inputShape());
        } else if (item.values() != null && !finite(item.values())) {
            checked = new Item(item.name(), null, "a value is not a finite number");
        }
        waiting.add(checked);
        if (waiting.size() >= batch) {
            flush(model, out);
        }
    }

    private static boolean finite(float[] values) {
        for (float value : values) {
            if (!Float.isFinite(value)) {
                return false;
            }
        }
        return true;
    }

    private void flush(EarlyExitModel model, PrintWriter out) {
        List<Item> answerable =
                waiting.stream().filter(item -> item.values() != null).toList();
        List<Object> answers = answers(answerable, model);
        int next = 0;
        for (Item item : waiting) {
            ObjectNode line = JSON.createObjectNode().put("input", item.name());
            Object answer = item.values() == null ? item.error() : answers.get(next++);
            if (answer instanceof EarlyExitModel.Prediction prediction) {
                line.put("class", prediction.className())
                        .put("index", prediction.index())
                        .put("probability", prediction.probabilities()[prediction.index()])
                        .put("exit", prediction.exit())
                        .put("score", prediction.score())
                        .put("macs", prediction.macs());
            } else {
                failed = true;
                line.put("error", answer.toString());
            }
            out.println(line);
        }
        out.flush();
        waiting.clear();
    }

    /** Predictions or error messages. A batch that cannot be answered is answered sample by sample, so that only the bad ones fail. */
    private static List<Object> answers(List<Item> items, EarlyExitModel model) {
        try {
            return List.copyOf(model.predict(items.stream().map(Item::values).toArray(float[][]::new)));
        } catch (InferenceException e) {
            return items.size() == 1
                    ? List.of(String.valueOf(e.getMessage()))
                    : items.stream()
                            .flatMap(item -> answers(List.of(item), model).stream())
                            .toList();
        }
    }
}
