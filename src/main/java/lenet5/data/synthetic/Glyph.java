package lenet5.data.synthetic;

import java.util.Arrays;
import java.util.List;

/**
 * One way to write a digit: pen strokes as splines through control points, in a box of 100x100, x to the right, y down.
 *
 * @param strokes in the order they are written
 */
record Glyph(List<Stroke> strokes) {

    /** The box's extent, in the units of {@link Glyphs}. */
    private static final double EXTENT = 100;

    private static final String CORNER = "!";

    /**
     * One stroke without lifting the pen.
     *
     * @param x the control points' abscissas, from -0.5 to 0.5
     * @param y their ordinates, from -0.5 to 0.5
     * @param corner where the pen stops and turns instead of passing smoothly
     */
    record Stroke(double[] x, double[] y, boolean[] corner) {

        int points() {
            return x.length;
        }
    }

    /** Parses strokes separated by {@code |}, points {@code x,y} by spaces, with {@code !} after a corner. */
    static Glyph parse(String strokes) {
        return new Glyph(
                Arrays.stream(strokes.split("\\|")).map(Glyph::parseStroke).toList());
    }

    private static Stroke parseStroke(String text) {
        String[] points = text.split(" ");
        Stroke stroke = new Stroke(new double[points.length], new double[points.length], new boolean[points.length]);
        for (int i = 0; i < points.length; i++) {
            String[] xy = points[i].replace(CORNER, "").split(",");
            stroke.x[i] = Integer.parseInt(xy[0]) / EXTENT - 0.5;
            stroke.y[i] = Integer.parseInt(xy[1]) / EXTENT - 0.5;
            stroke.corner[i] = points[i].endsWith(CORNER);
        }
        return stroke;
    }
}
