package org.offramp.datasets;

import java.util.ArrayList;
import java.util.List;

/**
 * The shapes of digits and letters as straight strokes in a box of 4 × 6: each stroke is a run of points, two digits a point (column,
 * row), strokes separated by blanks.
 */
final class Strokes {
    private static final String[] PATHS = {
        "10 30 41 45 36 16 05 01 10", // 0
        "11 20 26 16 36", // 1
        "01 10 30 41 42 06 46", // 2
        "01 10 30 41 42 33 23;33 44 45 36 16 05", // 3
        "36 30 04 44", // 4
        "40 00 02 32 43 45 36 16 05", // 5
        "41 30 10 01 05 16 36 45 44 33 13 04", // 6
        "00 40 16", // 7
        "10 30 41 42 33 13 02 01 10;13 04 05 16 36 45 44 33", // 8
        "42 33 13 02 01 10 30 41 45 36 16 05", // 9
        "06 20 46;13 33", // A
        "00 06 36 45 44 33 03;00 30 41 42 33", // B
        "41 30 10 01 05 16 36 45", // C
        "00 06 26 44 42 20 00", // D
        "40 00 06 46;03 33", // E
        "40 00 06;03 33", // F
        "41 30 10 01 05 16 36 45 43 23", // G
        "00 06;40 46;03 43", // H
        "10 30;20 26;16 36", // I
        "20 40;30 35 26 16 05", // J
        "00 06;40 03 46", // K
        "00 06 46", // L
        "06 00 23 40 46", // M
        "06 00 46 40", // N
        "20 42 44 26 04 02 20", // O, pointed: it is not a zero
        "06 00 30 41 42 33 03", // P
        "10 30 41 45 36 16 05 01 10;24 46", // Q
        "06 00 30 41 42 33 03;23 46", // R
        "41 30 10 01 02 13 33 44 45 36 16 05", // S
        "00 40;20 26", // T
        "00 05 16 36 45 40", // U
        "00 26 40", // V
        "00 16 22 36 40", // W
        "00 46;40 06", // X
        "00 23 40;23 26", // Y
        "00 40 06 46", // Z
    };

    private Strokes() {}

    /** A straight stroke from (x0, y0) to (x1, y1), in a box from -1 to 1. */
    record Segment(float x0, float y0, float x1, float y1) {}

    /** The number of shapes. */
    static int shapes() {
        return PATHS.length;
    }

    /** The shape's name: 0 … 9, A … Z. */
    static String name(int shape) {
        return String.valueOf((char) (shape < 10 ? '0' + shape : 'A' + shape - 10));
    }

    /** The strokes of a shape. */
    static List<Segment> of(int shape) {
        List<Segment> segments = new ArrayList<>();
        for (String stroke : PATHS[shape].split(";", -1)) {
            String[] points = stroke.split(" ", -1);
            for (int i = 1; i < points.length; i++) {
                segments.add(new Segment(x(points[i - 1]), y(points[i - 1]), x(points[i]), y(points[i])));
            }
        }
        return segments;
    }

    private static float x(String point) {
        return (point.charAt(0) - '0') / 2f - 1f;
    }

    private static float y(String point) {
        return (point.charAt(1) - '0') / 3f - 1f;
    }
}
