package lenet5.cpu;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static lenet5.cpu.VectorConvolution.tileExtent;
import static lenet5.cpu.VectorShape.EXACT;
import static lenet5.cpu.VectorShape.LANES;
import static lenet5.cpu.VectorShape.SPECIES;
import static lenet5.nn.Layer.Conv5x5.KERNEL;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * {@link Arithmetic#convolveInput} in vectors. A tile is what some neighbouring columns of dy touch in a row of some input
 * maps; it stays in registers while every output map's rows of taps go by. Tiles are written as those of {@link
 * VectorConvolution}, for the same reasons.
 */
final class VectorInputGradient {

    private static final int TAPS = KERNEL * KERNEL;
    /** A tile's columns overlap with the next one's, so it takes more registers for each map. */
    private static final int MOST_MAPS = 2;

    private VectorInputGradient() {}

    static void convolveInput(Convolution g, float[] w, int w0, float[] dy, float[] dx) {
        Arrays.fill(dx, 0, g.inputMaps() * g.inputMap(), 0);
        for (int row = 0; row < g.inputHeight(); row++) {
            // the rows of taps under which this row meets a row of dy
            int from = Math.max(0, row - g.outputHeight() + 1) * g.outputMaps();
            int to = Math.min(KERNEL, row + 1) * g.outputMaps();
            int maps;
            for (int map = 0; map < g.inputMaps(); map += maps) {
                maps = Math.min(MOST_MAPS, tileExtent(g.inputMaps() - map));
                int columns;
                for (int column = 0; column < g.outputWidth(); column += columns) {
                    columns = tileExtent(g.outputWidth() - column);
                    int yt = (row * g.outputWidth() + column) * LANES;
                    int xt = map * g.inputMap() + (row * g.inputWidth() + column) * LANES;
                    tile(maps, columns, g, from, to, w, w0 + map * TAPS, dy, yt, dx, xt);
                }
            }
        }
    }

    private static void tile(
            int maps,
            int columns,
            Convolution g,
            int from,
            int to,
            float[] w,
            int w0,
            float[] dy,
            int y0,
            float[] dx,
            int x0) {
        if (maps == 2 && columns == 4) {
            input2x4(g, from, to, w, w0, dy, y0, dx, x0);
        } else if (maps == 2 && columns == 2) {
            input2x2(g, from, to, w, w0, dy, y0, dx, x0);
        } else {
            for (int map = 0; map < maps; map++) {
                for (int column = 0; column < columns; column++) {
                    input1x1(
                            g,
                            from,
                            to,
                            w,
                            w0 + map * TAPS,
                            dy,
                            y0 + column * LANES,
                            dx,
                            x0 + map * g.inputMap() + column * LANES);
                }
            }
        }
    }

    private static void input2x4(
            Convolution g, int from, int to, float[] w, int w0, float[] dy, int y0, float[] dx, int x0) {
        int[] ws = g.weightRows();
        int[] ys = g.gradientRows();
        int map = g.inputMap();
        FloatVector a1 = fromArray(SPECIES, dx, x0);
        FloatVector a2 = fromArray(SPECIES, dx, x0 + LANES);
        FloatVector a3 = fromArray(SPECIES, dx, x0 + 2 * LANES);
        FloatVector a4 = fromArray(SPECIES, dx, x0 + 3 * LANES);
        FloatVector a5 = fromArray(SPECIES, dx, x0 + 4 * LANES);
        FloatVector a6 = fromArray(SPECIES, dx, x0 + 5 * LANES);
        FloatVector a7 = fromArray(SPECIES, dx, x0 + 6 * LANES);
        FloatVector a8 = fromArray(SPECIES, dx, x0 + 7 * LANES);
        FloatVector b1 = fromArray(SPECIES, dx, x0 + map);
        FloatVector b2 = fromArray(SPECIES, dx, x0 + map + LANES);
        FloatVector b3 = fromArray(SPECIES, dx, x0 + map + 2 * LANES);
        FloatVector b4 = fromArray(SPECIES, dx, x0 + map + 3 * LANES);
        FloatVector b5 = fromArray(SPECIES, dx, x0 + map + 4 * LANES);
        FloatVector b6 = fromArray(SPECIES, dx, x0 + map + 5 * LANES);
        FloatVector b7 = fromArray(SPECIES, dx, x0 + map + 6 * LANES);
        FloatVector b8 = fromArray(SPECIES, dx, x0 + map + 7 * LANES);
        for (int p = from; p < to; p++) {
            int at = y0 + ys[p];
            int k = w0 + ws[p];
            FloatVector y1 = fromArray(SPECIES, dy, at);
            FloatVector y2 = fromArray(SPECIES, dy, at + LANES);
            FloatVector y3 = fromArray(SPECIES, dy, at + 2 * LANES);
            FloatVector y4 = fromArray(SPECIES, dy, at + 3 * LANES);
            FloatVector f1 = broadcast(SPECIES, w[k]);
            FloatVector f2 = broadcast(SPECIES, w[k + 1]);
            FloatVector f3 = broadcast(SPECIES, w[k + 2]);
            FloatVector f4 = broadcast(SPECIES, w[k + 3]);
            FloatVector f5 = broadcast(SPECIES, w[k + 4]);
            a1 = y1.fma(f1, a1);
            a2 = y2.fma(f1, y1.fma(f2, a2));
            a3 = y3.fma(f1, y2.fma(f2, y1.fma(f3, a3)));
            a4 = y4.fma(f1, y3.fma(f2, y2.fma(f3, y1.fma(f4, a4))));
            a5 = y4.fma(f2, y3.fma(f3, y2.fma(f4, y1.fma(f5, a5))));
            a6 = y4.fma(f3, y3.fma(f4, y2.fma(f5, a6)));
            a7 = y4.fma(f4, y3.fma(f5, a7));
            a8 = y4.fma(f5, a8);
            k += TAPS;
            f1 = broadcast(SPECIES, w[k]);
            f2 = broadcast(SPECIES, w[k + 1]);
            f3 = broadcast(SPECIES, w[k + 2]);
            f4 = broadcast(SPECIES, w[k + 3]);
            f5 = broadcast(SPECIES, w[k + 4]);
            b1 = y1.fma(f1, b1);
            b2 = y2.fma(f1, y1.fma(f2, b2));
            b3 = y3.fma(f1, y2.fma(f2, y1.fma(f3, b3)));
            b4 = y4.fma(f1, y3.fma(f2, y2.fma(f3, y1.fma(f4, b4))));
            b5 = y4.fma(f2, y3.fma(f3, y2.fma(f4, y1.fma(f5, b5))));
            b6 = y4.fma(f3, y3.fma(f4, y2.fma(f5, b6)));
            b7 = y4.fma(f4, y3.fma(f5, b7));
            b8 = y4.fma(f5, b8);
        }
        EXACT.cast(a1).intoArray(dx, x0);
        EXACT.cast(a2).intoArray(dx, x0 + LANES);
        EXACT.cast(a3).intoArray(dx, x0 + 2 * LANES);
        EXACT.cast(a4).intoArray(dx, x0 + 3 * LANES);
        EXACT.cast(a5).intoArray(dx, x0 + 4 * LANES);
        EXACT.cast(a6).intoArray(dx, x0 + 5 * LANES);
        EXACT.cast(a7).intoArray(dx, x0 + 6 * LANES);
        EXACT.cast(a8).intoArray(dx, x0 + 7 * LANES);
        EXACT.cast(b1).intoArray(dx, x0 + map);
        EXACT.cast(b2).intoArray(dx, x0 + map + LANES);
        EXACT.cast(b3).intoArray(dx, x0 + map + 2 * LANES);
        EXACT.cast(b4).intoArray(dx, x0 + map + 3 * LANES);
        EXACT.cast(b5).intoArray(dx, x0 + map + 4 * LANES);
        EXACT.cast(b6).intoArray(dx, x0 + map + 5 * LANES);
        EXACT.cast(b7).intoArray(dx, x0 + map + 6 * LANES);
        EXACT.cast(b8).intoArray(dx, x0 + map + 7 * LANES);
    }

    private static void input2x2(
            Convolution g, int from, int to, float[] w, int w0, float[] dy, int y0, float[] dx, int x0) {
        int[] ws = g.weightRows();
        int[] ys = g.gradientRows();
        int map = g.inputMap();
        FloatVector a1 = fromArray(SPECIES, dx, x0);
        FloatVector a2 = fromArray(SPECIES, dx, x0 + LANES);
        FloatVector a3 = fromArray(SPECIES, dx, x0 + 2 * LANES);
        FloatVector a4 = fromArray(SPECIES, dx, x0 + 3 * LANES);
        FloatVector a5 = fromArray(SPECIES, dx, x0 + 4 * LANES);
        FloatVector a6 = fromArray(SPECIES, dx, x0 + 5 * LANES);
        FloatVector b1 = fromArray(SPECIES, dx, x0 + map);
        FloatVector b2 = fromArray(SPECIES, dx, x0 + map + LANES);
        FloatVector b3 = fromArray(SPECIES, dx, x0 + map + 2 * LANES);
        FloatVector b4 = fromArray(SPECIES, dx, x0 + map + 3 * LANES);
        FloatVector b5 = fromArray(SPECIES, dx, x0 + map + 4 * LANES);
        FloatVector b6 = fromArray(SPECIES, dx, x0 + map + 5 * LANES);
        for (int p = from; p < to; p++) {
            int at = y0 + ys[p];
            int k = w0 + ws[p];
            FloatVector y1 = fromArray(SPECIES, dy, at);
            FloatVector y2 = fromArray(SPECIES, dy, at + LANES);
            FloatVector f1 = broadcast(SPECIES, w[k]);
            FloatVector f2 = broadcast(SPECIES, w[k + 1]);
            FloatVector f3 = broadcast(SPECIES, w[k + 2]);
            FloatVector f4 = broadcast(SPECIES, w[k + 3]);
            FloatVector f5 = broadcast(SPECIES, w[k + 4]);
            a1 = y1.fma(f1, a1);
            a2 = y2.fma(f1, y1.fma(f2, a2));
            a3 = y2.fma(f2, y1.fma(f3, a3));
            a4 = y2.fma(f3, y1.fma(f4, a4));
            a5 = y2.fma(f4, y1.fma(f5, a5));
            a6 = y2.fma(f5, a6);
            k += TAPS;
            f1 = broadcast(SPECIES, w[k]);
            f2 = broadcast(SPECIES, w[k + 1]);
            f3 = broadcast(SPECIES, w[k + 2]);
            f4 = broadcast(SPECIES, w[k + 3]);
            f5 = broadcast(SPECIES, w[k + 4]);
            b1 = y1.fma(f1, b1);
            b2 = y2.fma(f1, y1.fma(f2, b2));
            b3 = y2.fma(f2, y1.fma(f3, b3));
            b4 = y2.fma(f3, y1.fma(f4, b4));
            b5 = y2.fma(f4, y1.fma(f5, b5));
            b6 = y2.fma(f5, b6);
        }
        EXACT.cast(a1).intoArray(dx, x0);
        EXACT.cast(a2).intoArray(dx, x0 + LANES);
        EXACT.cast(a3).intoArray(dx, x0 + 2 * LANES);
        EXACT.cast(a4).intoArray(dx, x0 + 3 * LANES);
        EXACT.cast(a5).intoArray(dx, x0 + 4 * LANES);
        EXACT.cast(a6).intoArray(dx, x0 + 5 * LANES);
        EXACT.cast(b1).intoArray(dx, x0 + map);
        EXACT.cast(b2).intoArray(dx, x0 + map + LANES);
        EXACT.cast(b3).intoArray(dx, x0 + map + 2 * LANES);
        EXACT.cast(b4).intoArray(dx, x0 + map + 3 * LANES);
        EXACT.cast(b5).intoArray(dx, x0 + map + 4 * LANES);
        EXACT.cast(b6).intoArray(dx, x0 + map + 5 * LANES);
    }

    private static void input1x1(
            Convolution g, int from, int to, float[] w, int w0, float[] dy, int y0, float[] dx, int x0) {
        int[] ws = g.weightRows();
        int[] ys = g.gradientRows();
        FloatVector a1 = fromArray(SPECIES, dx, x0);
        FloatVector a2 = fromArray(SPECIES, dx, x0 + LANES);
        FloatVector a3 = fromArray(SPECIES, dx, x0 + 2 * LANES);
        FloatVector a4 = fromArray(SPECIES, dx, x0 + 3 * LANES);
        FloatVector a5 = fromArray(SPECIES, dx, x0 + 4 * LANES);
        for (int p = from; p < to; p++) {
            int at = y0 + ys[p];
            int k = w0 + ws[p];
            FloatVector y1 = fromArray(SPECIES, dy, at);
            FloatVector f1 = broadcast(SPECIES, w[k]);
            FloatVector f2 = broadcast(SPECIES, w[k + 1]);
            FloatVector f3 = broadcast(SPECIES, w[k + 2]);
            FloatVector f4 = broadcast(SPECIES, w[k + 3]);
            FloatVector f5 = broadcast(SPECIES, w[k + 4]);
            a1 = y1.fma(f1, a1);
            a2 = y1.fma(f2, a2);
            a3 = y1.fma(f3, a3);
            a4 = y1.fma(f4, a4);
            a5 = y1.fma(f5, a5);
        }
        EXACT.cast(a1).intoArray(dx, x0);
        EXACT.cast(a2).intoArray(dx, x0 + LANES);
        EXACT.cast(a3).intoArray(dx, x0 + 2 * LANES);
        EXACT.cast(a4).intoArray(dx, x0 + 3 * LANES);
        EXACT.cast(a5).intoArray(dx, x0 + 4 * LANES);
    }
}
