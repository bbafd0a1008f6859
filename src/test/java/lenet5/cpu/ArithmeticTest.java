package lenet5.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Both kinds of arithmetic against sums in double, on every remainder of their register blocks. */
class ArithmeticTest {

    static Stream<Arithmetic> kinds() {
        return Stream.of(new LoopArithmetic(), Arithmetic.best());
    }

    @Test
    void testsRunWithTheVectorModule() {
        assertNotNull(Vectors.INSTANCE, "the test command adds jdk.incubator.vector");
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void multipliesEveryShape(Arithmetic arithmetic) {
        SplittableRandom random = new SplittableRandom(1);
        for (int rows : new int[] {1, 2, 3, 4, 6, 7, 11}) {
            for (int run : new int[] {1, 3, 5}) {
                for (int depth : new int[] {1, 5, 12}) {
                    multiply(arithmetic, random, rows, run, depth, true);
                    multiply(arithmetic, random, rows, run, depth, false);
                }
            }
        }
    }

    private static void multiply(
            Arithmetic arithmetic, SplittableRandom random, int rows, int run, int depth, boolean start) {
        Operands o = new Operands(arithmetic.lanes(), random, rows, run, depth);
        Product p = o.product;
        float[] before = o.y.clone();
        arithmetic.multiply(p, o.w, 1, start ? o.start : null, 2, o.x, 3, o.y, 4);
        for (int j = 0; j < rows; j++) {
            for (int q = 0; q < p.columns(); q++) {
                for (int lane = 0; lane < arithmetic.lanes(); lane++) {
                    int at = 4 + j * p.yRow() + p.yColumn()[q] + lane;
                    double sum = start ? o.start[2 + j] : before[at];
                    for (int k = 0; k < depth; k++) {
                        sum += (double) o.w[1 + j * p.wRow() + p.wDepth()[k]]
                                * o.x[3 + p.xDepth()[k] + p.xColumn()[q] + lane];
                    }
                    assertEquals(sum, o.y[at], 1e-5, "row " + j + " column " + q + " of " + p);
                    before[at] = o.y[at];
                }
            }
        }
        assertEquals(0, java.util.Arrays.compare(before, o.y), "nothing else is written");
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void correlatesEveryShape(Arithmetic arithmetic) {
        SplittableRandom random = new SplittableRandom(2);
        for (int rows : new int[] {1, 2, 5}) {
            for (int run : new int[] {1, 4, 70}) {
                for (int depth : new int[] {1, 5, 13}) {
                    correlate(arithmetic, random, rows, run, depth);
                }
            }
        }
    }

    private static void correlate(Arithmetic arithmetic, SplittableRandom random, int rows, int run, int depth) {
        Operands o = new Operands(arithmetic.lanes(), random, rows, run, depth);
        Product p = o.product;
        float[] sums = new float[(rows * depth + run) * arithmetic.lanes()];
        java.util.Arrays.fill(sums, Float.NaN);
        arithmetic.correlate(p, o.x, 3, o.y, 4, sums);
        for (int j = 0; j < rows; j++) {
            for (int k = 0; k < depth; k++) {
                for (int lane = 0; lane < arithmetic.lanes(); lane++) {
                    double sum = 0;
                    for (int q = 0; q < p.columns(); q++) {
                        sum += (double) o.y[4 + j * p.yRow() + p.yColumn()[q] + lane]
                                * o.x[3 + p.xDepth()[k] + p.xColumn()[q] + lane];
                    }
                    assertEquals(sum, sums[(j * depth + k) * arithmetic.lanes() + lane], 1e-4, "of " + p);
                }
            }
        }
    }

    /** Random operands that overlap nowhere: two runs of columns, rows and terms at odd distances. */
    private static final class Operands {
        final Product product;
        final float[] w;
        final float[] x;
        final float[] y;
        final float[] start;

        Operands(int lanes, SplittableRandom random, int rows, int run, int depth) {
            int[] xColumn = new int[2 * run];
            int[] yColumn = new int[2 * run];
            for (int q = 0; q < 2 * run; q++) {
                xColumn[q] = (q + q / run * 2) * lanes;
                yColumn[q] = (q + q / run) * lanes;
            }
            int yRow = (2 * run + 3) * lanes;
            product = new Product(
                    rows,
                    run,
                    depth + 2,
                    Product.multiples(depth, 1),
                    Product.multiples(depth, lanes),
                    xColumn,
                    yRow,
                    yColumn);
            w = noise(random, 1 + rows * (depth + 2));
            x = noise(random, 3 + (2 * run + 2 + depth) * lanes);
            y = noise(random, 4 + rows * yRow);
            start = noise(random, 2 + rows);
        }

        private static float[] noise(SplittableRandom random, int length) {
            float[] values = new float[length];
            for (int i = 0; i < length; i++) {
                values[i] = (float) random.nextDouble(-1, 1);
            }
            return values;
        }
    }

    /** A relative error below 3e-7 over its range, at most 1 beyond, NaN for NaN. */
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
        float[] y = new float[count];
        arithmetic.tanh(x, y, count);
        assertTrue(Float.isNaN(y[0]));
        for (int i = 1; i < count; i++) {
            double expected = Math.tanh(x[i]);
            assertEquals(expected, y[i], 3e-7 * Math.abs(expected), "tanh(" + x[i] + ")");
            assertTrue(Math.abs(y[i]) <= 1, "tanh(" + x[i] + ") is " + y[i]);
        }
    }
}
