package org.offramp.api;

/** A read-only matrix of single-precision numbers, row-major. Immutable as long as its maker keeps the array to itself. */
public final class FloatMatrix {
    private final float[] values;
    private final int rows;
    private final int columns;

    private FloatMatrix(float[] values, int rows, int columns) {
        this.values = values;
        this.rows = rows;
        this.columns = columns;
    }

    /**
     * A matrix over the given values, copied.
     *
     * @param values {@code rows × columns} numbers, row by row
     * @param rows the number of rows, 0 allowed
     * @param columns the number of columns, at least 1
     * @throws IllegalArgumentException if the sizes do not agree
     */
    public static FloatMatrix copyOf(float[] values, int rows, int columns) {
        return wrap(values.clone(), rows, columns);
    }

    /**
     * A matrix over the given array itself; the caller gives it away and never writes to it again.
     *
     * @param values {@code rows × columns} numbers, row by row
     * @param rows the number of rows, 0 allowed
     * @param columns the number of columns, at least 1
     * @throws IllegalArgumentException if the sizes do not agree
     */
    public static FloatMatrix wrap(float[] values, int rows, int columns) {
        if (rows < 0 || columns < 1 || (long) rows * columns != values.length) {
            throw new IllegalArgumentException(
                    "a matrix of " + rows + " × " + columns + " cannot be made of " + values.length + " values");
        }
        return new FloatMatrix(values, rows, columns);
    }

    /** The number of rows: samples. */
    public int rows() {
        return rows;
    }

    /** The number of columns. */
    public int columns() {
        return columns;
    }

    /**
     * One value.
     *
     * @param row {@code 0 … rows() - 1}
     * @param column {@code 0 … columns() - 1}
     */
    public float get(int row, int column) {
        if (column < 0 || column >= columns) {
            throw new IndexOutOfBoundsException("column " + column + " of " + columns);
        }
        return values[row * columns + column];
    }

    /**
     * A copy of one row.
     *
     * @param row {@code 0 … rows() - 1}
     */
    public float[] row(int row) {
        float[] copy = new float[columns];
        System.arraycopy(values, row * columns, copy, 0, columns);
        return copy;
    }

    /** A copy of all values, row by row. */
    public float[] toArray() {
        return values.clone();
    }

    /**
     * The given rows, in the given order.
     *
     * @param selected row numbers
     */
    public FloatMatrix rows(int[] selected) {
        float[] copy = new float[selected.length * columns];
        for (int i = 0; i < selected.length; i++) {
            System.arraycopy(values, selected[i] * columns, copy, i * columns, columns);
        }
        return new FloatMatrix(copy, selected.length, columns);
    }

    /**
     * The column of the greatest value in a row; the first one of equals.
     *
     * @param row {@code 0 … rows() - 1}
     */
    public int argMax(int row) {
        int best = 0;
        int base = row * columns;
        for (int column = 1; column < columns; column++) {
            if (values[base + column] > values[base + best]) {
                best = column;
            }
        }
        return best;
    }

    /** The softmax of every row, computed stably; each row sums to 1. */
    public FloatMatrix softmax() {
        float[] result = new float[values.length];
        double[] exponentials = new double[columns];
        for (int row = 0; row < rows; row++) {
            int base = row * columns;
            float max = values[base + argMax(row)];
            double sum = 0;
            for (int column = 0; column < columns; column++) {
                exponentials[column] = Math.exp((double) values[base + column] - max);
                sum += exponentials[column];
            }
            for (int column = 0; column < columns; column++) {
                result[base + column] = (float) (exponentials[column] / sum);
            }
        }
        return new FloatMatrix(result, rows, columns);
    }

    @Override
    public String toString() {
        return "FloatMatrix[" + rows + " × " + columns + "]";
    }
}
