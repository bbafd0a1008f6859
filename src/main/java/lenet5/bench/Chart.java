package lenet5.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import lenet5.io.AtomicFiles;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendPosition;

/** A comparison as a picture: images a second over batch size, a line an engine, both axes logarithmic. */
public final class Chart {

    private Chart() {}

    /**
     * Whether {@link #write} knows the format that the file's ending names.
     *
     * @throws IllegalArgumentException if it does not
     */
    public static void requireKnownFormat(Path file) {
        String ending = ending(file);
        if (!ending.equals("png") && !ending.equals("svg")) {
            throw new IllegalArgumentException(file + " ends in '" + ending + "', expected png or svg");
        }
    }

    /** Writes the rows that were timed to {@code file}, PNG or SVG by its ending. */
    public static void write(Path file, String title, List<Comparison.Row> rows) throws IOException {
        XYChart chart = new XYChartBuilder()
                .width(800)
                .height(500)
                .title(title)
                .xAxisTitle("batch size")
                .yAxisTitle("images a second")
                .build();
        chart.getStyler()
                .setXAxisLogarithmic(true)
                .setYAxisLogarithmic(true)
                .setLegendPosition(LegendPosition.OutsideS);
        Map<String, List<Comparison.Row>> lines = new LinkedHashMap<>();
        rows.stream()
                .filter(row -> row.time().isPresent())
                .forEach(row -> lines.computeIfAbsent(
                                row.contender().engine() + ", "
                                        + row.contender().place(),
                                name -> new ArrayList<>())
                        .add(row));
        lines.forEach((name, line) -> addLine(chart, name, line));
        AtomicFiles.write(file, out -> {
            if (ending(file).equals("svg")) {
                VectorGraphicsEncoder.saveVectorGraphic(chart, out, VectorGraphicsEncoder.VectorGraphicsFormat.SVG);
            } else {
                BitmapEncoder.saveBitmap(chart, out, BitmapEncoder.BitmapFormat.PNG);
            }
        });
    }

    private static void addLine(XYChart chart, String name, List<Comparison.Row> line) {
        double[] batchSizes =
                line.stream().mapToDouble(Comparison.Row::batchSize).toArray();
        double[] rates = line.stream()
                .mapToDouble(row -> row.time().orElseThrow().imagesPerSecond())
                .toArray();
        XYSeries series = chart.addSeries(name, batchSizes, rates);
        series.setSmooth(false);
    }

    private static String ending(Path file) {
        String name = file.getFileName().toString();
        return name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
    }
}
