package org.offramp.datasets;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import org.offramp.api.DataSource;
import org.offramp.api.Dataset;
import org.offramp.api.DatasetException;
import org.offramp.api.DatasetFactory;
import org.offramp.api.Examples;
import org.offramp.api.Key;

/**
 * Texts and their categories as CSV with a header {@code text,category}. A sample is a row of word numbers by frequency in the training
 * texts: 0 is padding, 1 an unknown word.
 */
final class TextCsvFactory implements DatasetFactory<TextCsvFactory.Config> {
    record Config(
            @Key("folder with train.csv and test.csv") Optional<String> path,

            @Key(value = "words kept of a text", defaultValue = "32", min = 1, max = 4096)
            int length,

            @Key(
                    value = "the most word numbers, padding and unknown included",
                    defaultValue = "8192",
                    min = 3,
                    max = 1000000)
            int vocabulary,

            @Key(value = "use only the first training samples", min = 2)
            Optional<Integer> train,

            @Key(value = "use only the first test samples", min = 2)
            Optional<Integer> test) {}

    private record Row(List<String> words, String category) {}

    @Override
    public String name() {
        return "text-csv";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Dataset open(Config config, DataSource source) {
        Path folder = DataFiles.folder(source, config.path(), name());
        Path trainFile = DataFiles.find(folder, "train.csv", "train.csv.gz");
        List<Row> train = read(trainFile);
        List<String> categories =
                List.copyOf(new TreeSet<>(train.stream().map(Row::category).toList()));
        Map<String, Integer> vocabulary = vocabulary(train, config.vocabulary());
        return new LazyDataset(
                new Shape(config.length()),
                categories,
                examples("train", trainFile, train, config.train(), config, categories, vocabulary),
                () -> {
                    Path file = DataFiles.find(folder, "test.csv", "test.csv.gz");
                    return examples("test", file, read(file), config.test(), config, categories, vocabulary);
                });
    }

    private static List<Row> read(Path file) {
        String text = new String(DataFiles.read(file), StandardCharsets.UTF_8);
        CSVFormat format = CSVFormat.RFC4180
                .builder()
                .setHeader()
                .setSkipHeaderRecord(true)
                .get();
        List<Row> rows = new ArrayList<>();
        try (var parser = format.parse(new StringReader(text))) {
            if (!parser.getHeaderNames().containsAll(List.of("text", "category"))) {
                throw new DatasetException(
                        file + ": the columns are " + parser.getHeaderNames() + "; text and category are needed");
            }
            for (CSVRecord record : parser) {
                if (!record.isConsistent()) {
                    throw new DatasetException(file + ", line " + parser.getCurrentLineNumber() + ": " + record.size()
                            + " columns instead of " + parser.getHeaderNames().size());
                }
                rows.add(new Row(words(record.get("text")), record.get("category")));
            }
        } catch (IOException e) {
            throw new DatasetException(file + ": cannot be read: " + e.getMessage(), e);
        }
        return rows;
    }

    private static List<String> words(String text) {
        return List.of(text.toLowerCase(Locale.ROOT).strip().split("[^\\p{L}\\p{N}']+", -1)).stream()
                .filter(word -> !word.isEmpty())
                .toList();
    }

    private static Map<String, Integer> vocabulary(List<Row> rows, int most) {
        Map<String, Integer> counts = new HashMap<>();
        rows.forEach(row -> row.words().forEach(word -> counts.merge(word, 1, Integer::sum)));
        List<String> sorted = new ArrayList<>(counts.keySet());
        sorted.sort(Comparator.comparing((String word) -> -counts.getOrDefault(word, 0))
                .thenComparing(word -> word));
        Map<String, Integer> numbers = new HashMap<>();
        sorted.stream().limit(most - 2L).forEach(word -> numbers.put(word, numbers.size() + 2));
        return numbers;
    }

    private static Examples examples(
            String split,
            Path file,
            List<Row> rows,
            Optional<Integer> limit,
            Config config,
            List<String> categories,
            Map<String, Integer> vocabulary) {
        int size = StoredExamples.limited(rows.size(), limit, "data." + split);
        float[] values = new float[size * config.length()];
        int[] labels = new int[size];
        for (int i = 0; i < size; i++) {
            Row row = rows.get(i);
            labels[i] = categories.indexOf(row.category());
            if (labels[i] < 0) {
                throw new DatasetException(
                        file + ": the category '" + row.category() + "' is not among the training categories");
            }
            for (int j = 0; j < Math.min(config.length(), row.words().size()); j++) {
                values[i * config.length() + j] =
                        vocabulary.getOrDefault(row.words().get(j), 1);
            }
        }
        return StoredExamples.ofFloats(split, values, config.length(), labels, List.of());
    }
}
