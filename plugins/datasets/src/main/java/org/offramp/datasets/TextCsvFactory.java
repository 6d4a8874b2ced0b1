package org.offramp.datasets;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.function.Function;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVRecord;
import org.offramp.api.DataSource;
import org.offramp.api.Dataset;
import org.offramp.api.DatasetException;
import org.offramp.api.DatasetFactory;
import org.offramp.api.Examples;
import org.offramp.api.Key;
import org.offramp.api.TextEncoding;

/**
 * Texts and their categories as CSV with a header {@code text,category}. A sample is a row of token ids, filled up with 0, the padding: the
 * word pieces of a tokenizer, between [CLS] and [SEP] where it adds them. Without one the vocabulary is the words of the training texts. A
 * text longer than {@code length} loses its end; the [SEP] stays.
 */
final class TextCsvFactory implements DatasetFactory<TextCsvFactory.Config> {
    record Config(
            @Key("folder with train.csv and test.csv") Optional<String> path,

            @Key(
                    value = "tokens of a sample: a longer text loses its end, a shorter one is filled up",
                    defaultValue = "32",
                    min = 3,
                    max = 4096)
            int length,

            @Key(
                    value =
                            "without a tokenizer: the most tokens of the vocabulary that is made of the training texts' words",
                    defaultValue = "8192",
                    min = 6,
                    max = 1000000)
            int vocabulary,

            @Key("Hugging Face tokenizer.json, or a WordPiece vocabulary with one token a line; id 0 must be padding")
            Optional<String> tokenizer,

            @Key(value = "whether a tokenizer made from a vocabulary ignores case and accents", defaultValue = "true")
            boolean lowerCase,

            @Key(value = "use only the first training samples", min = 2)
            Optional<Integer> train,

            @Key(value = "use only the first test samples", min = 2)
            Optional<Integer> test,

            @Key("CSV file of texts without labels: the column text is read, nothing else")
            Optional<String> unlabelled) {}

    private record Row(String text, String category) {}

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
        List<Row> train = rows(trainFile);
        List<String> categories =
                List.copyOf(new TreeSet<>(train.stream().map(Row::category).toList()));
        List<String> texts = train.stream().map(Row::text).toList();
        WordPieces tokenizer = config.tokenizer()
                .map(source::resolve)
                .map(file -> WordPieces.read(file, config.lowerCase()))
                .orElseGet(() -> WordPieces.of(texts, config.vocabulary(), config.lowerCase()));
        return new LazyDataset(
                new Shape(config.length()),
                categories,
                OptionalInt.of(tokenizer.tokenIds()),
                tokenizer.files(),
                examples("train", trainFile, train, config.train(), config, categories, tokenizer),
                () -> {
                    Path file = DataFiles.find(folder, "test.csv", "test.csv.gz");
                    return examples("test", file, rows(file), config.test(), config, categories, tokenizer);
                },
                config.unlabelled()
                        .map(path -> read(DataFiles.unlabelled(source, path), List.of("text"), row -> row.get("text")))
                        .map(others -> StoredExamples.unlabelled(
                                values(tokenizer.encode(others, config.length()), config.length()), config.length())));
    }

    @Override
    public TextEncoding textEncoding(Config config, Map<String, String> files) {
        return WordPieces.published(files, config.lowerCase()).rows(config.length());
    }

    private static List<Row> rows(Path file) {
        return read(file, List.of("text", "category"), row -> new Row(row.get("text"), row.get("category")));
    }

    private static <R> List<R> read(Path file, List<String> columns, Function<CSVRecord, R> row) {
        String text = new String(DataFiles.read(file), StandardCharsets.UTF_8);
        CSVFormat format = CSVFormat.RFC4180
                .builder()
                .setHeader()
                .setSkipHeaderRecord(true)
                .get();
        List<R> rows = new ArrayList<>();
        try (var parser = format.parse(new StringReader(text))) {
            if (!parser.getHeaderNames().containsAll(columns)) {
                throw new DatasetException(
                        file + ": the columns are " + parser.getHeaderNames() + "; needed are " + columns);
            }
            for (CSVRecord record : parser) {
                if (!record.isConsistent()) {
                    throw new DatasetException(file + ", line " + parser.getCurrentLineNumber() + ": " + record.size()
                            + " columns instead of " + parser.getHeaderNames().size());
                }
                rows.add(row.apply(record));
            }
        } catch (IOException e) {
            throw new DatasetException(file + ": cannot be read: " + e.getMessage(), e);
        }
        return rows;
    }

    private static Examples examples(
            String split,
            Path file,
            List<Row> rows,
            Optional<Integer> limit,
            Config config,
            List<String> categories,
            WordPieces tokenizer) {
        int size = StoredExamples.limited(rows.size(), limit, "data." + split);
        int[] labels = new int[size];
        List<int[]> tokens =
                tokenizer.encode(rows.subList(0, size).stream().map(Row::text).toList(), config.length());
        for (int i = 0; i < size; i++) {
            Row row = rows.get(i);
            labels[i] = categories.indexOf(row.category());
            if (labels[i] < 0) {
                throw new DatasetException(
                        file + ": the category '" + row.category() + "' is not among the training categories");
            }
        }
        return StoredExamples.ofFloats(split, values(tokens, config.length()), config.length(), labels, List.of());
    }

    private static float[] values(List<int[]> tokens, int length) {
        float[] values = new float[tokens.size() * length];
        for (int i = 0; i < tokens.size(); i++) {
            for (int j = 0; j < tokens.get(i).length; j++) {
                values[i * length + j] = tokens.get(i)[j];
            }
        }
        return values;
    }
}
