package org.offramp.host.leaderboard;

import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;
import java.util.stream.Collectors;

/** A plot as inline SVG: axes with round ticks, lines, dots, squares and bars. */
final class Plot {
    private static final int RIGHT = 14;
    private static final int TOP = 14;

    private final int width;
    private final int height;
    private final int left;
    private final int bottom;
    private final Range x;
    private final Range y;
    private final StringBuilder svg = new StringBuilder();

    /** What an axis spans. */
    record Range(double low, double high) {
        /** The span of values, with a margin on both sides. */
        static Range of(List<Double> values, double margin, double least) {
            double low = values.stream().mapToDouble(Double::doubleValue).min().orElse(0);
            double high = values.stream().mapToDouble(Double::doubleValue).max().orElse(1);
            double pad = Math.max(least, margin * (high - low));
            return new Range(low - pad, high + pad);
        }

        /** From 0 to the greatest value, and a little more. */
        static Range fromZero(List<Double> values, double least) {
            return new Range(
                    0,
                    Math.max(
                            least,
                            1.06
                                    * values.stream()
                                            .mapToDouble(Double::doubleValue)
                                            .max()
                                            .orElse(1)));
        }
    }

    /** A point. */
    record At(double x, double y) {}

    Plot(int width, int height, Range x, Range y) {
        this(width, height, 58, 46, x, y);
    }

    Plot(int width, int height, int left, int bottom, Range x, Range y) {
        this.width = width;
        this.height = height;
        this.left = left;
        this.bottom = bottom;
        this.x = x;
        this.y = y;
    }

    static String escape(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    private double px(double value) {
        return left + (width - left - RIGHT) * (value - x.low) / (x.high - x.low);
    }

    private double py(double value) {
        return height - bottom - (height - TOP - bottom) * (value - y.low) / (y.high - y.low);
    }

    private void add(String format, Object... values) {
        svg.append(String.format(Locale.ROOT, format, values));
    }

    /** Grid lines, ticks and names of the axes. */
    Plot axes(
            String xName,
            DoubleFunction<String> xText,
            int xTicks,
            String yName,
            DoubleFunction<String> yText,
            int yTicks) {
        double stepX = step(x.high - x.low, xTicks);
        for (double i = Math.ceil(x.low / stepX - 1e-9); i * stepX <= x.high + 1e-9; i++) {
            double at = px(i * stepX);
            add("<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\" class=\"grid\"/>", at, at, TOP, height - bottom);
            add(
                    "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>",
                    at, height - bottom + 16, xText.apply(i * stepX + 0.0));
        }
        double stepY = step(y.high - y.low, yTicks);
        for (double i = Math.ceil(y.low / stepY - 1e-9); i * stepY <= y.high + 1e-9; i++) {
            double at = py(i * stepY);
            add("<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" class=\"grid\"/>", left, width - RIGHT, at, at);
            add(
                    "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>",
                    left - 7, at + 4, yText.apply(i * stepY + 0.0));
        }
        add(
                "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>",
                (left + width - RIGHT) / 2, height - 8, escape(xName));
        add(
                "<text transform=\"translate(13 %d) rotate(-90)\" text-anchor=\"middle\">%s</text>",
                (TOP + height - bottom) / 2, escape(yName));
        return this;
    }

    private static double step(double range, int ticks) {
        double raw = range / ticks;
        double magnitude = Math.pow(10, Math.floor(Math.log10(raw)));
        double ratio = raw / magnitude;
        return magnitude * (ratio < 1.5 ? 1 : ratio < 3.5 ? 2 : ratio < 7.5 ? 5 : 10);
    }

    Plot line(List<At> points, String colour, String style, String title) {
        if (!points.isEmpty()) {
            add(
                    "<polyline fill=\"none\" stroke-width=\"2\" stroke=\"%s\" style=\"%s\" points=\"%s\"><title>%s</title></polyline>",
                    colour,
                    style,
                    points.stream()
                            .map(at -> String.format(Locale.ROOT, "%.1f,%.1f", px(at.x), py(at.y)))
                            .collect(Collectors.joining(" ")),
                    escape(title));
        }
        return this;
    }

    /** A line across the whole plot at a height. */
    Plot across(double at, String colour) {
        add(
                "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"%s\" stroke-dasharray=\"6 5\"/>",
                left, width - RIGHT, py(at), py(at), colour);
        return this;
    }

    Plot dot(At at, double radius, String colour, String title) {
        add(
                "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\" fill=\"%s\" class=\"mark\"><title>%s</title></circle>",
                px(at.x), py(at.y), radius, colour, escape(title));
        return this;
    }

    Plot square(At at, String colour, String title) {
        add(
                "<rect x=\"%.1f\" y=\"%.1f\" width=\"10\" height=\"10\" fill=\"%s\" class=\"mark\"><title>%s</title></rect>",
                px(at.x) - 5, py(at.y) - 5, colour, escape(title));
        return this;
    }

    /** A bar from the bottom of the plot up to a value. */
    Plot bar(double from, double to, double value, String colour, double opacity, String title) {
        double base = py(Math.max(0, y.low));
        add(
                "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\" opacity=\"%.2f\"><title>%s</title></rect>",
                px(from) + 0.5,
                py(value),
                Math.max(0.5, px(to) - px(from) - 1),
                Math.max(0, base - py(value)),
                colour,
                opacity,
                escape(title));
        return this;
    }

    String svg(String label) {
        return String.format(
                Locale.ROOT,
                "<svg viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\" aria-label=\"%s\">%s</svg>",
                width,
                height,
                width,
                height,
                escape(label),
                svg);
    }
}
