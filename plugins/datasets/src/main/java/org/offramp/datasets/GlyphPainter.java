package org.offramp.datasets;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Draws one glyph: strokes under an affine warp, covered smoothly by distance, with clutter, an occluding bar and noise. Only exactly
 * rounded arithmetic and {@link StrictMath}, so that the bytes are the same on every platform.
 */
final class GlyphPainter {
    private final int size;
    private final double difficulty;
    private final double noise;

    GlyphPainter(int size, double difficulty, double noise) {
        this.size = size;
        this.difficulty = difficulty;
        this.noise = noise;
    }

    void paint(int shape, long seed, int index, byte[] target, int offset) {
        SplittableRandom random = new SplittableRandom(seed * 1_000_003L + index);
        double hard = Math.min(1, 2 * difficulty * random.nextDouble());
        List<Strokes.Segment> strokes = warp(Strokes.of(shape), hard, random);
        float thickness = (float) (size / 16.0 * (0.75 + 0.5 * random.nextDouble() - 0.2 * hard));
        float[] image = new float[size * size];
        float ink = (float) (1 - 0.55 * hard * random.nextDouble());
        strokes.forEach(stroke -> cover(image, stroke, thickness, ink));
        int clutter = (int) (4 * hard * random.nextDouble() + 0.3 * hard);
        for (int i = 0; i < clutter; i++) {
            cover(image, anywhere(random), thickness * 0.7f, (float) (0.4 + 0.5 * random.nextDouble()));
        }
        if (random.nextDouble() < 0.7 * hard) {
            occlude(image, hard, random);
        }
        double deviation = 0.02 + 0.22 * hard * random.nextDouble() + noise;
        for (int i = 0; i < image.length; i++) {
            double value = image[i] + deviation * gaussian(random);
            target[offset + i] = (byte) Math.round(255 * Math.max(0, Math.min(1, value)));
        }
    }

    private List<Strokes.Segment> warp(List<Strokes.Segment> strokes, double hard, SplittableRandom random) {
        double angle = (0.15 + 0.55 * hard) * centred(random);
        double shear = (0.1 + 0.5 * hard) * centred(random);
        double scale = size * (0.36 + 0.04 * centred(random) - 0.08 * hard * random.nextDouble());
        double squeeze = 0.62 + (0.08 + 0.15 * hard) * centred(random);
        double moved = size * (0.03 + 0.08 * hard);
        double centreX = size / 2.0 + moved * centred(random);
        double centreY = size / 2.0 + moved * centred(random);
        double cos = StrictMath.cos(angle);
        double sin = StrictMath.sin(angle);
        double wobble = 0.03 + 0.16 * hard;
        List<Strokes.Segment> warped = new ArrayList<>(strokes.size());
        for (Strokes.Segment stroke : strokes) {
            double[] from = point(stroke.x0(), stroke.y0(), wobble, shear, squeeze, random);
            double[] to = point(stroke.x1(), stroke.y1(), wobble, shear, squeeze, random);
            warped.add(new Strokes.Segment(
                    (float) (centreX + scale * (cos * from[0] - sin * from[1])),
                    (float) (centreY + scale * (sin * from[0] + cos * from[1])),
                    (float) (centreX + scale * (cos * to[0] - sin * to[1])),
                    (float) (centreY + scale * (sin * to[0] + cos * to[1]))));
        }
        return warped;
    }

    private static double[] point(
            double x, double y, double wobble, double shear, double squeeze, SplittableRandom random) {
        double bentX = x + wobble * centred(random);
        double bentY = y + wobble * centred(random);
        return new double[] {squeeze * bentX + shear * 0.5 * bentY, bentY};
    }

    private Strokes.Segment anywhere(SplittableRandom random) {
        float x = size * (float) random.nextDouble();
        float y = size * (float) random.nextDouble();
        float reach = size * 0.35f;
        return new Strokes.Segment(x, y, x + reach * (float) centred(random), y + reach * (float) centred(random));
    }

    private void occlude(float[] image, double hard, SplittableRandom random) {
        int width = 1 + (int) (size * 0.22 * hard * random.nextDouble());
        int at = (int) ((size - width) * random.nextDouble());
        boolean upright = random.nextDouble() < 0.5;
        float grey = (float) (0.6 * random.nextDouble());
        for (int i = 0; i < size; i++) {
            for (int j = at; j < at + width; j++) {
                image[upright ? i * size + j : j * size + i] = grey;
            }
        }
    }

    private void cover(float[] image, Strokes.Segment stroke, float thickness, float ink) {
        float dx = stroke.x1() - stroke.x0();
        float dy = stroke.y1() - stroke.y0();
        float length = dx * dx + dy * dy;
        for (int row = 0; row < size; row++) {
            for (int column = 0; column < size; column++) {
                float px = column + 0.5f - stroke.x0();
                float py = row + 0.5f - stroke.y0();
                float along = length == 0 ? 0 : Math.max(0, Math.min(1, (px * dx + py * dy) / length));
                float ex = px - along * dx;
                float ey = py - along * dy;
                float distance = (float) Math.sqrt(ex * ex + ey * ey);
                float covered = ink * Math.max(0, Math.min(1, thickness - distance + 0.5f));
                image[row * size + column] = Math.max(image[row * size + column], covered);
            }
        }
    }

    private static double centred(SplittableRandom random) {
        return 2 * random.nextDouble() - 1;
    }

    /** Box and Muller's transform by {@link StrictMath}: {@code nextGaussian} may differ between Java versions. */
    private static double gaussian(SplittableRandom random) {
        double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - random.nextDouble()));
        return radius * StrictMath.cos(2 * Math.PI * random.nextDouble());
    }
}
