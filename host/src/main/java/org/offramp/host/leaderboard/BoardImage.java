package org.offramp.host.leaderboard;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import javax.imageio.ImageIO;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The accuracy–MACs curves as a picture, for documents that cannot show the page. */
final class BoardImage {
    private static final int WIDTH = 1100;
    private static final int HEIGHT = 600;
    private static final int FONT = 15;

    static {
        if (System.getProperty("java.awt.headless") == null) {
            System.setProperty("java.awt.headless", "true");
        }
    }

    private BoardImage() {}

    /**
     * The picture as PNG.
     *
     * @param lines finished strategies, at least one
     * @param colours their colours
     */
    static byte[] png(List<BoardLine> lines, Colours colours) throws IOException {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .xAxisTitle("mean MACs per sample, % of the backbone")
                .yAxisTitle("test accuracy, %")
                .build();
        style(chart.getStyler());
        for (BoardLine line : lines) {
            List<RunRecord.Point> curve = line.records.get(0).test().curve();
            Color colour = Color.decode(colours.of(line));
            if (!curve.isEmpty()) {
                // The operating point stands for both in the legend.
                XYSeries series = chart.addSeries(
                        line.name + " curve",
                        curve.stream()
                                .mapToDouble(point -> 100 * point.macsFraction())
                                .toArray(),
                        curve.stream()
                                .mapToDouble(point -> 100 * point.accuracy())
                                .toArray());
                show(series, colour, SeriesMarkers.NONE, new BasicStroke(2.5f));
                series.setShowInLegend(false);
            }
            XYSeries point =
                    chart.addSeries(line.name, new double[] {100 * line.macs()}, new double[] {100 * line.accuracy()});
            Marker marker =
                    line.ranked() ? SeriesMarkers.CIRCLE : line.oracle() ? SeriesMarkers.DIAMOND : SeriesMarkers.SQUARE;
            show(point, colour, marker, new BasicStroke(0));
            point.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageIO.write(BitmapEncoder.getBufferedImage(chart), "png", bytes);
        return bytes.toByteArray();
    }

    private static void show(XYSeries series, Color colour, Marker marker, BasicStroke stroke) {
        series.setLineColor(colour);
        series.setLineStyle(stroke);
        series.setMarkerColor(colour);
        series.setMarker(marker);
    }

    private static void style(XYStyler styler) {
        Font plain = new Font(Font.SANS_SERIF, Font.PLAIN, FONT);
        styler.setBaseFont(plain);
        styler.setAxisTitleFont(plain);
        styler.setAxisTickLabelsFont(plain);
        styler.setLegendFont(plain);
        styler.setChartTitleVisible(false);
        styler.setChartBackgroundColor(Color.WHITE);
        styler.setPlotBorderVisible(false);
        styler.setPlotGridLinesColor(new Color(0xE2E8F0));
        styler.setPlotGridLinesStroke(new BasicStroke(1));
        styler.setLegendPosition(Styler.LegendPosition.OutsideE);
        styler.setLegendBorderColor(Color.WHITE);
        styler.setMarkerSize(11);
        styler.setAxisTickMarksColor(new Color(0x94A3B8));
        styler.setXAxisDecimalPattern("0");
        styler.setYAxisDecimalPattern("0.#");
    }
}
