package org.offramp.host.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a stream of sensor readings into windows. A row holds one reading of every channel, or the time in seconds first; a window is
 * given as soon as it is full, and the next one begins a stride later. After a gap, or a reading that is missing, the window begins anew.
 */
final class SensorStream {
    private static final double LONGEST_STEP = 1.5;

    private final int channels;
    private final int length;
    private final int stride;
    private final double rate;
    private final List<float[]> rows = new ArrayList<>();
    private int number;
    private int first = 1;
    private double lastTime = Double.NaN;

    /**
     * A stream.
     *
     * @param channels the readings of a row
     * @param length the rows of a window
     * @param stride the rows between the beginnings of two windows
     * @param rate rows a second, for gaps; 0 where it is not known
     */
    SensorStream(int channels, int length, int stride, double rate) {
        this.channels = channels;
        this.length = length;
        this.stride = stride;
        this.rate = rate;
    }

    /**
     * What a row leads to.
     *
     * @param rows the rows it is about, such as {@code 65-192}
     * @param window {@code channels × length} values where a window is full
     * @param problem what is wrong with the row; empty where nothing is
     */
    record Event(String rows, float @Nullable [] window, String problem) {}

    /**
     * Takes a row in.
     *
     * @param line numbers with commas between them; the first line may be a header
     * @return nothing, a problem, a full window, or a problem and a window
     */
    List<Event> add(String line) {
        number++;
        String[] cells = line.split(",", -1);
        double[] values = new double[cells.length];
        try {
            for (int i = 0; i < cells.length; i++) {
                values[i] = cells[i].isBlank() ? Double.NaN : Double.parseDouble(cells[i].trim());
            }
        } catch (NumberFormatException e) {
            Event problem = restart("is not a row of numbers: " + e.getMessage());
            return number == 1 ? List.of() : List.of(problem);
        }
        boolean timed = cells.length == channels + 1;
        if (!timed && cells.length != channels) {
            return List.of(restart("has " + cells.length + " values; the model takes " + channels
                    + " channels, with or without the time in seconds before them"));
        }
        List<Event> events = new ArrayList<>();
        if (timed) {
            checkTime(values[0], events);
        }
        float[] reading = new float[channels];
        for (int channel = 0; channel < channels; channel++) {
            reading[channel] = (float) values[channel + (timed ? 1 : 0)];
            if (!Float.isFinite(reading[channel])) {
                events.add(restart("channel " + (channel + 1) + " is " + cells[channel + (timed ? 1 : 0)].trim()));
                return events;
            }
        }
        rows.add(reading);
        if (rows.size() == length) {
            events.add(new Event(first + "-" + number, window(), ""));
            int dropped = Math.min(stride, length);
            rows.subList(0, dropped).clear();
            first += dropped;
        }
        return events;
    }

    /** How many rows wait for a window that is not full. */
    int waiting() {
        return rows.size();
    }

    private void checkTime(double time, List<Event> events) {
        double step = time - lastTime;
        lastTime = time;
        if (!Double.isFinite(time) || step <= 0) {
            events.add(clear("the time " + time + " s does not come after the one before"));
        } else if (rate > 0 && step > LONGEST_STEP / rate) {
            events.add(clear(String.format(
                    Locale.ROOT, "a gap of %.3f s before it, %.0f readings are missing", step, step * rate - 1)));
        }
    }

    /** The window begins with this row. */
    private Event clear(String problem) {
        rows.clear();
        first = number;
        return new Event(String.valueOf(number), null, problem + "; the window begins anew");
    }

    /** The window begins after this row. */
    private Event restart(String problem) {
        rows.clear();
        first = number + 1;
        return new Event(String.valueOf(number), null, problem + "; the window begins anew after it");
    }

    private float[] window() {
        float[] values = new float[channels * length];
        for (int time = 0; time < length; time++) {
            for (int channel = 0; channel < channels; channel++) {
                values[channel * length + time] = rows.get(time)[channel];
            }
        }
        return values;
    }
}
