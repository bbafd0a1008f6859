package lenet5.report;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import lenet5.train.EpochRecord;
import org.knowm.xchart.HeatMapChart;
import org.knowm.xchart.HeatMapChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.AxesChartStyler;
import org.knowm.xchart.style.Styler.LegendLayout;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** A run's figures as charts. */
final class Charts {

    /** In pixels of the page: narrow, so that a telephone shows the words at a readable size. */
    private static final int WIDTH = 480;

    private static final int HEIGHT = 320;
    private static final int MATRIX_SIZE = 640;

    /** Drawn finer than shown, for screens with small pixels and for print. */
    private static final int FINENESS = 2;

    private static final int MAX_EPOCH_LABELS = 10;
    private static final int LEGEND_PADDING = 16;
    private static final int MAX_MARKED_EPOCHS = 40;
    private static final Font FONT = new Font(Font.SANS_SERIF, Font.PLAIN, 15);

    private final List<EpochRecord> history;
    private final Theme theme;

    Charts(List<EpochRecord> history, Theme theme) {
        this.history = history;
        this.theme = theme;
    }

    /** Mean loss over epochs, training and validation. */
    BufferedImage loss() {
        return overEpochs(
                "mean cross-entropy",
                epoch -> epoch.training().loss(),
                epoch -> epoch.validation().loss());
    }

    /** Accuracy in percent over epochs, training and validation. */
    BufferedImage accuracy() {
        return overEpochs(
                "images read correctly, %",
                epoch -> 100 * epoch.training().accuracy(),
                epoch -> 100 * epoch.validation().accuracy());
    }

    /** Seconds of each epoch, training and validation. */
    BufferedImage seconds() {
        return overEpochs("seconds", EpochRecord::trainSeconds, EpochRecord::validationSeconds);
    }

    /** Counts: a row for each label, a column for each answer. */
    BufferedImage confusion(ConfusionMatrix matrix) {
        HeatMapChart chart = new HeatMapChartBuilder()
                .width(MATRIX_SIZE)
                .height(MATRIX_SIZE)
                .xAxisTitle("read as")
                .yAxisTitle("is")
                .build();
        style(chart);
        chart.getStyler()
                .setShowValue(true)
                .setValueFont(FONT)
                .setValueFontColor(theme.text())
                .setHeatMapValueDecimalPattern("0")
                .setRangeColors(new Color[] {theme.card(), theme.tint()})
                .setLegendVisible(false);
        List<Integer> answers = IntStream.range(0, matrix.classes()).boxed().toList();
        List<Integer> labels = new ArrayList<>(answers);
        Collections.reverse(labels); // rows are drawn from below
        List<Number[]> counts = new ArrayList<>();
        for (int answer : answers) {
            for (int label : labels) {
                counts.add(new Number[] {answer, labels.indexOf(label), matrix.count(label, answer)});
            }
        }
        chart.addSeries("images", answers, labels, counts);
        return paint(chart);
    }

    private BufferedImage overEpochs(
            String unit, ToDoubleFunction<EpochRecord> training, ToDoubleFunction<EpochRecord> validation) {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .xAxisTitle("epoch")
                .yAxisTitle(unit)
                .build();
        style(chart);
        chart.getStyler().setYAxisDecimalPattern("#.###");
        chart.setCustomXAxisTickLabelsFormatter(this::epochLabel);
        add(chart, "training", training);
        add(chart, "validation", validation);
        return paint(chart);
    }

    /** Leaves labels out where they would crowd, in powers of two as the library does. */
    private String epochLabel(double epoch) {
        int stride = 1;
        while (history.size() > MAX_EPOCH_LABELS * stride) {
            stride *= 2;
        }
        return (epoch - history.get(0).epoch()) % stride == 0 ? Integer.toString((int) epoch) : "";
    }

    private void add(XYChart chart, String name, ToDoubleFunction<EpochRecord> figure) {
        double[] epochs = history.stream().mapToDouble(EpochRecord::epoch).toArray();
        double[] figures = history.stream().mapToDouble(figure).toArray();
        XYSeries series = chart.addSeries(name, epochs, figures);
        series.setSmooth(false);
        series.setMarker(history.size() > MAX_MARKED_EPOCHS ? SeriesMarkers.NONE : SeriesMarkers.CIRCLE);
    }

    private void style(Chart<? extends AxesChartStyler, ?> chart) {
        AxesChartStyler styler = chart.getStyler();
        styler.setLocale(Locale.ENGLISH)
                .setAxisTickLabelsFont(FONT)
                .setAxisTitleFont(FONT)
                .setAxisTickLabelsColor(theme.text())
                .setAxisTickMarksColor(theme.line())
                .setPlotGridLinesColor(theme.line())
                .setPlotGridVerticalLinesVisible(false);
        styler.setChartBackgroundColor(theme.card())
                .setPlotBackgroundColor(theme.card())
                .setPlotBorderVisible(false)
                .setChartFontColor(theme.text())
                .setSeriesColors(theme.series())
                .setLegendPosition(LegendPosition.OutsideS)
                .setLegendLayout(LegendLayout.Horizontal)
                .setLegendFont(FONT)
                .setLegendPadding(LEGEND_PADDING)
                .setLegendBackgroundColor(theme.card())
                .setLegendBorderColor(theme.card());
    }

    private static BufferedImage paint(Chart<?, ?> chart) {
        int width = chart.getWidth();
        int height = chart.getHeight();
        BufferedImage image = new BufferedImage(FINENESS * width, FINENESS * height, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.scale(FINENESS, FINENESS);
        chart.paint(graphics, width, height);
        graphics.dispose();
        return image;
    }
}
