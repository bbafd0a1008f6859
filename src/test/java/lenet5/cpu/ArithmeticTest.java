package lenet5.cpu;

import static lenet5.nn.Layer.Conv5x5.KERNEL;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import lenet5.nn.Activation;
import lenet5.nn.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Both kinds of arithmetic against sums in double, on every remainder of their tiles. */
class ArithmeticTest {

    private static final Activation SCALED = new Activation(1.7159f, 2f / 3);

    private final SplittableRandom random = new SplittableRandom(1);

    static Stream<Arithmetic> kinds() {
        return Stream.of(new LoopArithmetic(), Arithmetic.best());
    }

    @Test
    void testsRunWithTheVectorModule() {
        assertTrue(Arithmetic.best().description().contains("vectors"), "the test command adds jdk.incubator.vector");
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void multipliesEveryShape(Arithmetic arithmetic) {
        for (int rows : new int[] {1, 4, 7, 13, 17}) {
            for (int columns : new int[] {1, 3, 6}) {
                for (int depth : new int[] {1, 4, 11}) {
                    multiply(arithmetic, rows, columns, depth, true);
                    multiply(arithmetic, rows, columns, depth, false);
                    multiplyTransposed(arithmetic, rows, columns, depth);
                }
            }
        }
    }

    /** Operands begin, and rows follow one another, at odd distances. */
    private void multiply(Arithmetic arithmetic, int rows, int columns, int depth, boolean withStart) {
        int lanes = arithmetic.lanes();
        Product p = new Product(rows, columns, depth, depth + 3, (columns + 1) * lanes, (columns + 2) * lanes);
        float[] w = noise(1 + rows * p.wRow());
        float[] start = noise(2 + rows);
        float[] x = noise(3 + depth * p.xDepth());
        float[] y = noise(4 + rows * p.yRow());
        float[] expected = y.clone();
        for (int j = 0; j < rows; j++) {
            for (int q = 0; q < columns * lanes; q++) {
                int at = 4 + j * p.yRow() + q;
                double sum = withStart ? start[2 + j] : y[at];
                for (int k = 0; k < depth; k++) {
                    sum += (double) w[1 + j * p.wRow() + k] * x[3 + k * p.xDepth() + q];
                }
                expected[at] = (float) sum;
            }
        }
        arithmetic.multiply(p, w, 1, withStart ? start : null, 2, x, 3, y, 4);
        assertArrayEquals(expected, y, 1e-5f, p.toString());
    }

    private void multiplyTransposed(Arithmetic arithmetic, int rows, int columns, int depth) {
        int lanes = arithmetic.lanes();
        Product p = new Product(rows, columns, depth, rows + 3, (columns + 1) * lanes, (columns + 2) * lanes);
        float[] w = noise(1 + depth * p.wRow());
        float[] x = noise(3 + depth * p.xDepth());
        float[] y = noise(4 + rows * p.yRow());
        float[] expected = y.clone();
        for (int j = 0; j < rows; j++) {
            for (int q = 0; q < columns * lanes; q++) {
                double sum = 0;
                for (int k = 0; k < depth; k++) {
                    sum += (double) w[1 + k * p.wRow() + j] * x[3 + k * p.xDepth() + q];
                }
                expected[4 + j * p.yRow() + q] = (float) sum;
            }
        }
        arithmetic.multiplyTransposed(p, w, 1, x, 3, y, 4);
        assertArrayEquals(expected, y, 1e-5f, "transposed " + p);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void convolvesEveryShape(Arithmetic arithmetic) {
        for (int inputMaps : new int[] {1, 2, 5}) {
            for (int outputMaps : new int[] {1, 6, 7}) {
                for (int width : new int[] {5, 6, 11, 12}) {
                    convolve(
                            arithmetic,
                            Shape.of(inputMaps, 7, width),
                            Shape.of(outputMaps, 3, width - 4),
                            width % 2 == 0 ? SCALED : Activation.IDENTITY);
                }
            }
        }
    }

    /** All three passes against the definition, pixel by pixel and tap by tap. */
    private void convolve(Arithmetic arithmetic, Shape input, Shape output, Activation activation) {
        int lanes = arithmetic.lanes();
        Convolution g = new Convolution(input, output, activation, lanes);
        int weights = g.outputMaps() * g.weightsPitch();
        float[] w = noise(3 + weights);
        float[] bias = noise(2 + g.outputMaps());
        float[] x = noise(input.size() * lanes);
        float[] dy = noise(output.size() * lanes);
        double[] y = new double[dy.length];
        double[] dw = new double[weights];
        double[] dx = new double[x.length];
        for (int at = 0; at < y.length; at++) {
            int lane = at % lanes;
            int column = at / lanes % g.outputWidth();
            int row = at % g.outputMap() / lanes / g.outputWidth();
            int map = at / g.outputMap();
            y[at] = bias[2 + map];
            for (int k = 0; k < g.weightsPitch(); k++) {
                int r = row + k / KERNEL % KERNEL;
                int c = column + k % KERNEL;
                int from = ((k / (KERNEL * KERNEL) * g.inputHeight() + r) * g.inputWidth() + c) * lanes + lane;
                int tap = map * g.weightsPitch() + k;
                y[at] += (double) w[3 + tap] * x[from];
                dw[tap] += (double) dy[at] * x[from];
                dx[from] += (double) w[3 + tap] * dy[at];
            }
        }
        String what = input + " -> " + output;
        float[] actual = poison(y.length);
        arithmetic.convolve(g, w, 3, bias, 2, x, actual);
        assertClose(Arrays.stream(y).map(sum -> applied(activation, sum)).toArray(), actual, what);
        actual = poison(dw.length);
        float[] scratch = poison(Arithmetic.SCRATCH_COLUMNS * lanes);
        arithmetic.convolveWeights(g, x, dy, scratch, actual, 0);
        assertClose(dw, actual, what + " by weights");
        actual = poison(dx.length);
        arithmetic.convolveInput(g, w, 3, dy, actual);
        assertClose(dx, actual, what + " by input");
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void poolsEveryWidth(Arithmetic arithmetic) {
        int lanes = arithmetic.lanes();
        for (int columns : new int[] {1, 3, 4}) {
            int row = 2 * columns * lanes;
            float[] x = noise(3 + 2 * row);
            float[] y = noise(2 + columns * lanes);
            float[] expected = y.clone();
            for (int q = 0; q < columns * lanes; q++) {
                int at = 3 + q / lanes * 2 * lanes + q % lanes;
                expected[2 + q] = (x[at] + x[at + lanes] + x[at + row] + x[at + row + lanes]) / 4;
            }
            arithmetic.average(x, 3, y, 2, columns);
            assertArrayEquals(expected, y, 1e-6f, columns + " columns");
            for (Activation activation : List.of(Activation.IDENTITY, Activation.TANH, SCALED)) {
                float[] dx = x.clone();
                for (int k = 0; k < 2 * row; k++) {
                    float share = y[2 + k % row / (2 * lanes) * lanes + k % lanes] / 4;
                    dx[3 + k] = share * (activation.derivative() - activation.bend() * x[3 + k] * x[3 + k]);
                }
                float[] actual = x.clone();
                arithmetic.averageBackward(y, 2, activation, actual, 3, columns);
                assertArrayEquals(dx, actual, 1e-6f, columns + " columns back");
            }
            double sum = 0;
            for (int k = 3; k < x.length; k++) {
                sum += x[k];
            }
            assertEquals(sum, arithmetic.sum(x, 3, 4 * columns), 1e-4);
        }
    }

    private static double applied(Activation activation, double sum) {
        return activation.isIdentity() ? sum : activation.amplitude() * Math.tanh(activation.slope() * sum);
    }

    private static void assertClose(double[] expected, float[] actual, String what) {
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], actual[i], 1e-4, what + " at " + i);
        }
    }

    private static float[] poison(int length) {
        float[] values = new float[length];
        Arrays.fill(values, Float.NaN);
        return values;
    }

    private float[] noise(int length) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = (float) random.nextDouble(-1, 1);
        }
        return values;
    }

    /** A relative error below 4e-7 over its range, at most 1 beyond, NaN for NaN. */
    @ParameterizedTest
    @MethodSource("kinds")
    void tanhIsAccurateEverywhere(Arithmetic arithmetic) {
        int count = 1 << 16;
        float[] x = new float[count];
        for (int i = 0; i < count; i++) {
            double magnitude = Math.pow(2, -30 + 34.0 * i / count);
            x[i] = (float) (i % 2 == 0 ? magnitude : -magnitude);
        }
        x[0] = Float.NaN;
        x[1] = Float.POSITIVE_INFINITY;
        x[2] = Float.NEGATIVE_INFINITY;
        x[3] = 0;
        float[] y = x.clone();
        arithmetic.activate(Activation.TANH, y, 0, count);
        assertTrue(Float.isNaN(y[0]));
        for (int i = 1; i < count; i++) {
            double expected = Math.tanh(x[i]);
            assertEquals(expected, y[i], 4e-7 * Math.abs(expected), "tanh(" + x[i] + ")");
            assertTrue(Math.abs(y[i]) <= 1, "tanh(" + x[i] + ") is " + y[i]);
        }
    }
}
