package org.offramp.datasets;

import ai.djl.ndarray.types.Shape;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.offramp.api.DataSource;
import org.offramp.api.Dataset;
import org.offramp.api.DatasetException;
import org.offramp.api.DatasetFactory;
import org.offramp.api.Examples;
import org.offramp.api.Key;

/** Handwritten digits of 8×8 pixels: CSV rows of 64 values 0 … 16 and the label (UCI optdigits). */
final class DigitsFactory implements DatasetFactory<DigitsFactory.Config> {
    private static final int PIXELS = 64;
    private static final int BRIGHTEST = 16;

    record Config(
            @Key("folder with train.csv and test.csv") Optional<String> path,

            @Key(value = "use only the first training samples", min = 2)
            Optional<Integer> train,

            @Key(value = "use only the first test samples", min = 2)
            Optional<Integer> test) {}

    @Override
    public String name() {
        return "digits";
    }

    @Override
    public Class<Config> configType() {
        return Config.class;
    }

    @Override
    public Dataset open(Config config, DataSource source) {
        Path folder = DataFiles.folder(source, config.path(), name());
        List<String> names = IntStream.range(0, 10).mapToObj(String::valueOf).toList();
        return new LazyDataset(
                new Shape(1, 8, 8),
                names,
                read("train", DataFiles.find(folder, "train.csv", "train.csv.gz"), config.train()),
                () -> read("test", DataFiles.find(folder, "test.csv", "test.csv.gz"), config.test()));
    }

    private static Examples read(String split, Path file, Optional<Integer> limit) {
        List<String> lines = new String(DataFiles.read(file), StandardCharsets.UTF_8)
                .lines()
                .filter(line -> !line.isBlank())
                .toList();
        int size = StoredExamples.limited(lines.size(), limit, "data." + split);
        float[] values = new float[size * PIXELS];
        int[] labels = new int[size];
        for (int row = 0; row < size; row++) {
            String[] cells = lines.get(row).split(",", -1);
            if (cells.length != PIXELS + 1) {
                throw new DatasetException(file + ", line " + (row + 1) + ": " + cells.length
                        + " columns; 64 values and the label are expected");
            }
            for (int i = 0; i < PIXELS; i++) {
                values[row * PIXELS + i] = number(file, row, cells[i], BRIGHTEST) / (float) BRIGHTEST;
            }
            labels[row] = number(file, row, cells[PIXELS], 9);
        }
        return StoredExamples.ofFloats(split, values, PIXELS, Arrays.copyOf(labels, size), List.of());
    }

    private static int number(Path file, int row, String cell, int most) {
        try {
            int value = Integer.parseInt(cell.strip());
            if (value >= 0 && value <= most) {
                return value;
            }
        } catch (NumberFormatException e) {
            throw new DatasetException(file + ", line " + (row + 1) + ": '" + cell + "' is not a number", e);
        }
        throw new DatasetException(
                file + ", line " + (row + 1) + ": " + cell.strip() + " is out of range; allowed are 0 to " + most);
    }
}
