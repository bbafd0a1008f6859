package lenet5.data.synthetic;

import java.util.List;
import java.util.SplittableRandom;
import lenet5.data.synthetic.Glyph.Stroke;

/**
 * One hand writing one digit: bends a {@link Glyph} at random and turns it into a pen's path. Strokes are shifted, and
 * begin and end early or late; their control points are moved by an elastic field and a linear map, then joined by cubic
 * Hermite splines with Catmull-Rom tangents, which any linear map commutes with. Only arithmetic that gives the same bits
 * on every machine is used.
 */
final class Handwriting {

    private static final int SAMPLES_PER_SPAN = 6;

    // How much hands differ, as standard deviations: chosen until slant, proportions and ink of each digit spread about
    // as MNIST's do. Lengths are in glyph heights, angles in radians; REACH is a part of a stroke's last span.
    private static final int WAVES = 4;
    private static final double WAVE_AMPLITUDE = 0.044;
    private static final double WAVE_NUMBER = 4;
    private static final double TREMOR = 0.022;
    private static final double PLACEMENT = 0.03;
    private static final double REACH = 0.18;
    private static final double ROTATION = 0.12;
    private static final double SLANT = 0.30;
    private static final double MEAN_SLANT = 0.16;
    private static final double ASPECT = 0.20;
    private static final double MEAN_ASPECT = 1.08;

    private final SplittableRandom random;
    private final Wave[] waves = new Wave[WAVES];
    private final double xx;
    private final double xy;
    private final double yx;
    private final double yy;

    /** A displacement {@code (dx, dy) * sin(kx * x + ky * y + phase)}. */
    private record Wave(double dx, double dy, double kx, double ky, double phase) {}

    Handwriting(SplittableRandom random) {
        this.random = random;
        for (int i = 0; i < WAVES; i++) {
            waves[i] = new Wave(
                    WAVE_AMPLITUDE * normal(),
                    WAVE_AMPLITUDE * normal(),
                    WAVE_NUMBER * normal(),
                    WAVE_NUMBER * normal(),
                    2 * Math.PI * random.nextDouble());
        }
        double angle = ROTATION * normal();
        double aspect = MEAN_ASPECT + ASPECT * normal();
        double sin = StrictMath.sin(angle);
        double cos = StrictMath.cos(angle);
        xx = aspect * cos;
        xy = -aspect * sin - MEAN_SLANT - SLANT * normal();
        yx = sin;
        yy = cos;
    }

    /** Zero mean, unit variance, within ±3: the sum of three uniform numbers, near enough to normal. */
    private double normal() {
        return 2 * (random.nextDouble() + random.nextDouble() + random.nextDouble()) - 3;
    }

    /** The pen's path over {@code glyph}, one polyline a stroke, in the glyph's units. */
    List<Path> write(Glyph glyph) {
        return glyph.strokes().stream().map(this::bend).map(Handwriting::spline).toList();
    }

    private Stroke bend(Stroke stroke) {
        int points = stroke.points();
        double placeX = PLACEMENT * normal();
        double placeY = PLACEMENT * normal();
        double[] x = stroke.x().clone();
        double[] y = stroke.y().clone();
        reach(x, y, 0, 1);
        reach(x, y, points - 1, points - 2);
        double[] bentX = new double[points];
        double[] bentY = new double[points];
        for (int i = 0; i < points; i++) {
            double elasticX = x[i] + placeX + TREMOR * normal();
            double elasticY = y[i] + placeY + TREMOR * normal();
            for (Wave wave : waves) {
                double sin = StrictMath.sin(wave.kx * x[i] + wave.ky * y[i] + wave.phase);
                elasticX += wave.dx * sin;
                elasticY += wave.dy * sin;
            }
            bentX[i] = xx * elasticX + xy * elasticY;
            bentY[i] = yx * elasticX + yy * elasticY;
        }
        return new Stroke(bentX, bentY, stroke.corner());
    }

    /** Starts or ends a stroke early or late: loops gape or overlap, bars fall short or stick out. */
    private void reach(double[] x, double[] y, int end, int before) {
        double reach = REACH * normal();
        x[end] += reach * (x[end] - x[before]);
        y[end] += reach * (y[end] - y[before]);
    }

    private static Path spline(Stroke stroke) {
        int spans = stroke.points() - 1;
        Path path = new Path(new double[spans * SAMPLES_PER_SPAN + 1], new double[spans * SAMPLES_PER_SPAN + 1]);
        sample(stroke.x(), stroke.corner(), path.x());
        sample(stroke.y(), stroke.corner(), path.y());
        return path;
    }

    private static void sample(double[] points, boolean[] corner, double[] samples) {
        int last = points.length - 1;
        for (int i = 0; i < samples.length; i++) {
            int span = Math.min(i / SAMPLES_PER_SPAN, last - 1);
            double t = (double) i / SAMPLES_PER_SPAN - span;
            double from = points[span];
            double to = points[span + 1];
            double leaving = tangent(points, corner, span);
            double arriving = tangent(points, corner, span + 1);
            double bend = (1 - t) * leaving - t * arriving + (2 * t - 1) * (to - from);
            samples[i] = from + t * (to - from) + t * (1 - t) * bend;
        }
    }

    private static double tangent(double[] points, boolean[] corner, int i) {
        if (corner[i]) {
            return 0;
        }
        return (points[Math.min(i + 1, points.length - 1)] - points[Math.max(i - 1, 0)]) / 2;
    }

    /**
     * A polyline.
     *
     * @param x abscissas of its vertices
     * @param y ordinates
     */
    record Path(double[] x, double[] y) {}
}
