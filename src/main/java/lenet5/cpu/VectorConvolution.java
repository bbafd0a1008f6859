package lenet5.cpu;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static lenet5.cpu.VectorShape.EXACT;
import static lenet5.cpu.VectorShape.LANES;
import static lenet5.cpu.VectorShape.SPECIES;
import static lenet5.nn.Layer.Conv5x5.KERNEL;

import jdk.incubator.vector.FloatVector;

/**
 * {@link Arithmetic#convolve} in vectors. A tile, some maps by some neighbouring columns, stays in registers while rows of
 * taps slide over the columns they need, so that each of these is loaded once for all of its taps.
 *
 * <p>Tiles are written out because Java keeps only named variables in registers; each is a single loop because vectors that
 * live through nested loops are kept in memory; and they call no methods of ours because the compiler stops inlining these
 * once a method has grown large.
 */
final class VectorConvolution {

    private VectorConvolution() {}

    /** The largest extent of a tile that fits into {@code left} maps or columns. */
    static int tileExtent(int left) {
        return left >= 4 ? 4 : left >= 2 ? 2 : 1;
    }

    /** Computes row {@code row} of every output map. */
    static void convolveRow(Convolution g, int row, float[] w, int w0, float[] bias, int b0, float[] x, float[] y) {
        int maps;
        for (int map = 0; map < g.outputMaps(); map += maps) {
            maps = tileExtent(g.outputMaps() - map);
            int columns;
            for (int column = 0; column < g.outputWidth(); column += columns) {
                columns = tileExtent(g.outputWidth() - column);
                int wt = w0 + map * g.weightsPitch();
                int xt = (row * g.inputWidth() + column) * LANES;
                int yt = map * g.outputMap() + (row * g.outputWidth() + column) * LANES;
                tile(maps, columns, g, w, wt, bias, b0 + map, x, xt, y, yt);
            }
        }
    }

    private static void tile(
            int maps,
            int columns,
            Convolution g,
            float[] w,
            int w0,
            float[] bias,
            int b0,
            float[] x,
            int x0,
            float[] y,
            int y0) {
        if (maps == 4 && columns == 4) {
            forward4x4(g, w, w0, bias, b0, x, x0, y, y0);
        } else if (maps == 2 && columns == 4) {
            forward2x4(g, w, w0, bias, b0, x, x0, y, y0);
        } else if (maps == 4 && columns == 2) {
            forward4x2(g, w, w0, bias, b0, x, x0, y, y0);
        } else {
            for (int map = 0; map < maps; map++) {
                for (int column = 0; column < columns; column++) {
                    forward1x1(
                            g,
                            w,
                            w0 + map * g.weightsPitch(),
                            bias,
                            b0 + map,
                            x,
                            x0 + column * LANES,
                            y,
                            y0 + map * g.outputMap() + column * LANES);
                }
            }
        }
    }

    private static void forward4x4(
            Convolution g, float[] w, int w0, float[] bias, int b0, float[] x, int x0, float[] y, int y0) {
        int[] rows = g.windowRows();
        int pitch = g.weightsPitch();
        int map = g.outputMap();
        FloatVector a1 = broadcast(SPECIES, bias[b0]);
        FloatVector a2 = a1;
        FloatVector a3 = a1;
        FloatVector a4 = a1;
        FloatVector b1 = broadcast(SPECIES, bias[b0 + 1]);
        FloatVector b2 = b1;
        FloatVector b3 = b1;
        FloatVector b4 = b1;
        FloatVector c1 = broadcast(SPECIES, bias[b0 + 2]);
        FloatVector c2 = c1;
        FloatVector c3 = c1;
        FloatVector c4 = c1;
        FloatVector d1 = broadcast(SPECIES, bias[b0 + 3]);
        FloatVector d2 = d1;
        FloatVector d3 = d1;
        FloatVector d4 = d1;
        for (int p = 0; p < rows.length; p++) {
            int at = x0 + rows[p];
            FloatVector x1 = fromArray(SPECIES, x, at);
            FloatVector x2 = fromArray(SPECIES, x, at + LANES);
            FloatVector x3 = fromArray(SPECIES, x, at + 2 * LANES);
            FloatVector x4 = fromArray(SPECIES, x, at + 3 * LANES);
            FloatVector x5 = fromArray(SPECIES, x, at + 4 * LANES);
            FloatVector x6 = fromArray(SPECIES, x, at + 5 * LANES);
            FloatVector x7 = fromArray(SPECIES, x, at + 6 * LANES);
            FloatVector x8 = fromArray(SPECIES, x, at + 7 * LANES);
            int k = w0 + p * KERNEL;
            FloatVector f1 = broadcast(SPECIES, w[k]);
            FloatVector f2 = broadcast(SPECIES, w[k + 1]);
            FloatVector f3 = broadcast(SPECIES, w[k + 2]);
            FloatVector f4 = broadcast(SPECIES, w[k + 3]);
            FloatVector f5 = broadcast(SPECIES, w[k + 4]);
            a1 = x5.fma(f5, x4.fma(f4, x3.fma(f3, x2.fma(f2, x1.fma(f1, a1)))));
            a2 = x6.fma(f5, x5.fma(f4, x4.fma(f3, x3.fma(f2, x2.fma(f1, a2)))));
            a3 = x7.fma(f5, x6.fma(f4, x5.fma(f3, x4.fma(f2, x3.fma(f1, a3)))));
            a4 = x8.fma(f5, x7.fma(f4, x6.fma(f3, x5.fma(f2, x4.fma(f1, a4)))));
            k += pitch;
            f1 = broadcast(SPECIES, w[k]);
            f2 = broadcast(SPECIES, w[k + 1]);
            f3 = broadcast(SPECIES, w[k + 2]);
            f4 = broadcast(SPECIES, w[k + 3]);
            f5 = broadcast(SPECIES, w[k + 4]);
            b1 = x5.fma(f5, x4.fma(f4, x3.fma(f3, x2.fma(f2, x1.fma(f1, b1)))));
            b2 = x6.fma(f5, x5.fma(f4, x4.fma(f3, x3.fma(f2, x2.fma(f1, b2)))));
            b3 = x7.fma(f5, x6.fma(f4, x5.fma(f3, x4.fma(f2, x3.fma(f1, b3)))));
            b4 = x8.fma(f5, x7.fma(f4, x6.fma(f3, x5.fma(f2, x4.fma(f1, b4)))));
            k += pitch;
            f1 = broadcast(SPECIES, w[k]);
            f2 = broadcast(SPECIES, w[k + 1]);
            f3 = broadcast(SPECIES, w[k + 2]);
            f4 = broadcast(SPECIES, w[k + 3]);
            f5 = broadcast(SPECIES, w[k + 4]);
            c1 = x5.fma(f5, x4.fma(f4, x3.fma(f3, x2.fma(f2, x1.fma(f1, c1)))));
            c2 = x6.fma(f5, x5.fma(f4, x4.fma(f3, x3.fma(f2, x2.fma(f1, c2)))));
            c3 = x7.fma(f5, x6.fma(f4, x5.fma(f3, x4.fma(f2, x3.fma(f1, c3)))));
            c4 = x8.fma(f5, x7.fma(f4, x6.fma(f3, x5.fma(f2, x4.fma(f1, c4)))));
            k += pitch;
            f1 = broadcast(SPECIES, w[k]);
            f2 = broadcast(SPECIES, w[k + 1]);
            f3 = broadcast(SPECIES, w[k + 2]);
            f4 = broadcast(SPECIES, w[k + 3]);
            f5 = broadcast(SPECIES, w[k + 4]);
            d1 = x5.fma(f5, x4.fma(f4, x3.fma(f3, x2.fma(f2, x1.fma(f1, d1)))));
            d2 = x6.fma(f5, x5.fma(f4, x4.fma(f3, x3.fma(f2, x2.fma(f1, d2)))));
            d3 = x7.fma(f5, x6.fma(f4, x5.fma(f3, x4.fma(f2, x3.fma(f1, d3)))));
            d4 = x8.fma(f5, x7.fma(f4, x6.fma(f3, x5.fma(f2, x4.fma(f1, d4)))));
        }
        EXACT.cast(a1).intoArray(y, y0);
        EXACT.cast(a2).intoArray(y, y0 + LANES);
        EXACT.cast(a3).intoArray(y, y0 + 2 * LANES);
        EXACT.cast(a4).intoArray(y, y0 + 3 * LANES);
        EXACT.cast(b1).intoArray(y, y0 + map);
        EXACT.cast(b2).intoArray(y, y0 + map + LANES);
        EXACT.cast(b3).intoArray(y, y0 + map + 2 * LANES);
        EXACT.cast(b4).intoArray(y, y0 + map + 3 * LANES);
        EXACT.cast(c1).intoArray(y, y0 + 2 * map);
        EXACT.cast(c2).intoArray(y, y0 + 2 * map + LANES);
        EXACT.cast(c3).intoArray(y, y0 + 2 * map + 2 * LANES);
        EXACT.cast(c4).intoArray(y, y0 + 2 * map + 3 * LANES);
        EXACT.cast(d1).intoArray(y, y0 + 3 * map);
        EXACT.cast(d2).intoArray(y, y0 + 3 * map + LANES);
        EXACT.cast(d3).intoArray(y, y0 + 3 * map + 2 * LANES);
        EXACT.cast(d4).intoArray(y, y0 + 3 * map + 3 * LANES);
    }

    private static void forward2x4(
            Convolution g, float[] w, int w0, float[] bias, int b0, float[] x, int x0, float[] y, int y0) {
        int[] rows = g.windowRows();
        int pitch = g.weightsPitch();
        int map = g.outputMap();
        FloatVector a1 = broadcast(SPECIES, bias[b0]);
        FloatVector a2 = a1;
        FloatVector a3 = a1;
        FloatVector a4 = a1;
        FloatVector b1 = broadcast(SPECIES, bias[b0 + 1]);
        FloatVector b2 = b1;
        FloatVector b3 = b1;
        FloatVector b4 = b1;
        for (int p = 0; p < rows.length; p++) {
            int at = x0 + rows[p];
            FloatVector x1 = fromArray(SPECIES, x, at);
            FloatVector x2 = fromArray(SPECIES, x, at + LANES);
            FloatVector x3 = fromArray(SPECIES, x, at + 2 * LANES);
            FloatVector x4 = fromArray(SPECIES, x, at + 3 * LANES);
            FloatVector x5 = fromArray(SPECIES, x, at + 4 * LANES);
            FloatVector x6 = fromArray(SPECIES, x, at + 5 * LANES);
            FloatVector x7 = fromArray(SPECIES, x, at + 6 * LANES);
            FloatVector x8 = fromArray(SPECIES, x, at + 7 * LANES);
            int k = w0 + p * KERNEL;
            FloatVector f1 = broadcast(SPECIES, w[k]);
            FloatVector f2 = broadcast(SPECIES, w[k + 1]);
            FloatVector f3 = broadcast(SPECIES, w[k + 2]);
            FloatVector f4 = broadcast(SPECIES, w[k + 3]);
            FloatVector f5 = broadcast(SPECIES, w[k + 4]);
            a1 = x5.fma(f5, x4.fma(f4, x3.fma(f3, x2.fma(f2, x1.fma(f1, a1)))));
            a2 = x6.fma(f5, x5.fma(f4, x4.fma(f3, x3.fma(f2, x2.fma(f1, a2)))));
            a3 = x7.fma(f5, x6.fma(f4, x5.fma(f3, x4.fma(f2, x3.fma(f1, a3)))));
            a4 = x8.fma(f5, x7.fma(f4, x6.fma(f3, x5.fma(f2, x4.fma(f1, a4)))));
            k += pitch;
            f1 = broadcast(SPECIES, w[k]);
            f2 = broadcast(SPECIES, w[k + 1]);
            f3 = broadcast(SPECIES, w[k + 2]);
            f4 = broadcast(SPECIES, w[k + 3]);
            f5 = broadcast(SPECIES, w[k + 4]);
            b1 = x5.fma(f5, x4.fma(f4, x3.fma(f3, x2.fma(f2, x1.fma(f1, b1)))));
            b2 = x6.fma(f5, x5.fma(f4, x4.fma(f3, x3.fma(f2, x2.fma(f1, b2)))));
            b3 = x7.fma(f5, x6.fma(f4, x5.fma(f3, x4.fma(f2, x3.fma(f1, b3)))));
            b4 = x8.fma(f5, x7.fma(f4, x6.fma(f3, x5.fma(f2, x4.fma(f1, b4)))));
        }
        EXACT.cast(a1).intoArray(y, y0);
        EXACT.cast(a2).intoArray(y, y0 + LANES);
        EXACT.cast(a3).intoArray(y, y0 + 2 * LANES);
        EXACT.cast(a4).intoArray(y, y0 + 3 * LANES);
        EXACT.cast(b1).intoArray(y, y0 + map);
        EXACT.cast(b2).intoArray(y, y0 + map + LANES);
        EXACT.cast(b3).intoArray(y, y0 + map + 2 * LANES);
        EXACT.cast(b4).intoArray(y, y0 + map + 3 * LANES);
    }

    private static void forward4x2(
            Convolution g, float[] w, int w0, float[] bias, int b0, float[] x, int x0, float[] y, int y0) {
        int[] rows = g.windowRows();
        int pitch = g.weightsPitch();
        int map = g.outputMap();
        FloatVector a1 = broadcast(SPECIES, bias[b0]);
        FloatVector a2 = a1;
        FloatVector b1 = broadcast(SPECIES, bias[b0 + 1]);
        FloatVector b2 = b1;
        FloatVector c1 = broadcast(SPECIES, bias[b0 + 2]);
        FloatVector c2 = c1;
        FloatVector d1 = broadcast(SPECIES, bias[b0 + 3]);
        FloatVector d2 = d1;
        for (int p = 0; p < rows.length; p++) {
            int at = x0 + rows[p];
            FloatVector x1 = fromArray(SPECIES, x, at);
            FloatVector x2 = fromArray(SPECIES, x, at + LANES);
            FloatVector x3 = fromArray(SPECIES, x, at + 2 * LANES);
            FloatVector x4 = fromArray(SPECIES, x, at + 3 * LANES);
            FloatVector x5 = fromArray(SPECIES, x, at + 4 * LANES);
            FloatVector x6 = fromArray(SPECIES, x, at + 5 * LANES);
            int k = w0 + p * KERNEL;
            FloatVector f1 = broadcast(SPECIES, w[k]);
            FloatVector f2 = broadcast(SPECIES, w[k + 1]);
            FloatVector f3 = broadcast(SPECIES, w[k + 2]);
            FloatVector f4 = broadcast(SPECIES, w[k + 3]);
            FloatVector f5 = broadcast(SPECIES, w[k + 4]);
            a1 = x5.fma(f5, x4.fma(f4, x3.fma(f3, x2.fma(f2, x1.fma(f1, a1)))));
            a2 = x6.fma(f5, x5.fma(f4, x4.fma(f3, x3.fma(f2, x2.fma(f1, a2)))));
            k += pitch;
            f1 = broadcast(SPECIES, w[k]);
            f2 = broadcast(SPECIES, w[k + 1]);
            f3 = broadcast(SPECIES, w[k + 2]);
            f4 = broadcast(SPECIES, w[k + 3]);
            f5 = broadcast(SPECIES, w[k + 4]);
            b1 = x5.fma(f5, x4.fma(f4, x3.fma(f3, x2.fma(f2, x1.fma(f1, b1)))));
            b2 = x6.fma(f5, x5.fma(f4, x4.fma(f3, x3.fma(f2, x2.fma(f1, b2)))));
            k += pitch;
            f1 = broadcast(SPECIES, w[k]);
            f2 = broadcast(SPECIES, w[k + 1]);
            f3 = broadcast(SPECIES, w[k + 2]);
            f4 = broadcast(SPECIES, w[k + 3]);
            f5 = broadcast(SPECIES, w[k + 4]);
            c1 = x5.fma(f5, x4.fma(f4, x3.fma(f3, x2.fma(f2, x1.fma(f1, c1)))));
            c2 = x6.fma(f5, x5.fma(f4, x4.fma(f3, x3.fma(f2, x2.fma(f1, c2)))));
            k += pitch;
            f1 = broadcast(SPECIES, w[k]);
            f2 = broadcast(SPECIES, w[k + 1]);
            f3 = broadcast(SPECIES, w[k + 2]);
            f4 = broadcast(SPECIES, w[k + 3]);
            f5 = broadcast(SPECIES, w[k + 4]);
            d1 = x5.fma(f5, x4.fma(f4, x3.fma(f3, x2.fma(f2, x1.fma(f1, d1)))));
            d2 = x6.fma(f5, x5.fma(f4, x4.fma(f3, x3.fma(f2, x2.fma(f1, d2)))));
        }
        EXACT.cast(a1).intoArray(y, y0);
        EXACT.cast(a2).intoArray(y, y0 + LANES);
        EXACT.cast(b1).intoArray(y, y0 + map);
        EXACT.cast(b2).intoArray(y, y0 + map + LANES);
        EXACT.cast(c1).intoArray(y, y0 + 2 * map);
        EXACT.cast(c2).intoArray(y, y0 + 2 * map + LANES);
        EXACT.cast(d1).intoArray(y, y0 + 3 * map);
        EXACT.cast(d2).intoArray(y, y0 + 3 * map + LANES);
    }

    private static void forward1x1(
            Convolution g, float[] w, int w0, float[] bias, int b0, float[] x, int x0, float[] y, int y0) {
        int[] rows = g.windowRows();
        FloatVector a1 = broadcast(SPECIES, bias[b0]);
        for (int p = 0; p < rows.length; p++) {
            int at = x0 + rows[p];
            FloatVector x1 = fromArray(SPECIES, x, at);
            FloatVector x2 = fromArray(SPECIES, x, at + LANES);
            FloatVector x3 = fromArray(SPECIES, x, at + 2 * LANES);
            FloatVector x4 = fromArray(SPECIES, x, at + 3 * LANES);
            FloatVector x5 = fromArray(SPECIES, x, at + 4 * LANES);
            int k = w0 + p * KERNEL;
            FloatVector f1 = broadcast(SPECIES, w[k]);
            FloatVector f2 = broadcast(SPECIES, w[k + 1]);
            FloatVector f3 = broadcast(SPECIES, w[k + 2]);
            FloatVector f4 = broadcast(SPECIES, w[k + 3]);
            FloatVector f5 = broadcast(SPECIES, w[k + 4]);
            a1 = x5.fma(f5, x4.fma(f4, x3.fma(f3, x2.fma(f2, x1.fma(f1, a1)))));
        }
        EXACT.cast(a1).intoArray(y, y0);
    }
}
