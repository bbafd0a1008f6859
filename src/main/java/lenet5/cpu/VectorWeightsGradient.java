package lenet5.cpu;

import static jdk.incubator.vector.FloatVector.fromArray;
import static lenet5.cpu.VectorConvolution.tileExtent;
import static lenet5.cpu.VectorShape.EXACT;
import static lenet5.cpu.VectorShape.LANES;
import static lenet5.cpu.VectorShape.SPECIES;
import static lenet5.nn.Layer.Conv5x5.KERNEL;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import lenet5.cpu.Convolution.Pixels;

/**
 * {@link Arithmetic#convolveWeights} in vectors. A tile is a row of taps of some output maps; it stays in registers while all
 * pixels go by, two neighbours at a time. Tiles are written as those of {@link VectorConvolution}, for the same reasons.
 */
final class VectorWeightsGradient {

    /** Of a map's sums. */
    private static final int PITCH = KERNEL * LANES;

    private VectorWeightsGradient() {}

    static void convolveWeights(Convolution g, float[] x, float[] dy, float[] sums, float[] to, int at) {
        int[] rows = g.windowRows();
        int maps;
        for (int map = 0; map < g.outputMaps(); map += maps) {
            maps = tileExtent(g.outputMaps() - map);
            for (int p = 0; p < rows.length; p++) {
                Arrays.fill(sums, 0, maps * PITCH, 0);
                tile(maps, g, x, rows[p], dy, map * g.outputMap(), sums);
                for (int k = 0; k < maps * KERNEL; k++) {
                    int tap = k / KERNEL * g.weightsPitch() + p * KERNEL + k % KERNEL;
                    to[at + map * g.weightsPitch() + tap] =
                            VectorArithmetic.sumLanes(fromArray(SPECIES, sums, k * LANES));
                }
            }
        }
    }

    /** Adds a row of taps of {@code maps} maps to sums {@code [maps, 5, lanes]}. */
    private static void tile(int maps, Convolution g, float[] x, int x0, float[] dy, int y0, float[] sums) {
        if (maps == 4) {
            weights4x2(g, g.pairs(), x, x0, dy, y0, sums);
        } else if (maps == 2) {
            weights2x2(g, g.pairs(), x, x0, dy, y0, sums);
        }
        Pixels left = maps == 1 ? g.pixels() : g.unpaired();
        for (int map = 0; map < maps && left.inInput().length > 0; map++) {
            weights1x1(left, x, x0, dy, y0 + map * g.outputMap(), sums, map * PITCH);
        }
    }

    private static void weights4x2(Convolution g, Pixels pixels, float[] x, int x0, float[] dy, int y0, float[] sums) {
        int[] xs = pixels.inInput();
        int[] ys = pixels.inOutput();
        int map = g.outputMap();
        FloatVector a1 = fromArray(SPECIES, sums, 0);
        FloatVector a2 = fromArray(SPECIES, sums, LANES);
        FloatVector a3 = fromArray(SPECIES, sums, 2 * LANES);
        FloatVector a4 = fromArray(SPECIES, sums, 3 * LANES);
        FloatVector a5 = fromArray(SPECIES, sums, 4 * LANES);
        FloatVector b1 = fromArray(SPECIES, sums, PITCH);
        FloatVector b2 = fromArray(SPECIES, sums, PITCH + LANES);
        FloatVector b3 = fromArray(SPECIES, sums, PITCH + 2 * LANES);
        FloatVector b4 = fromArray(SPECIES, sums, PITCH + 3 * LANES);
        FloatVector b5 = fromArray(SPECIES, sums, PITCH + 4 * LANES);
        FloatVector c1 = fromArray(SPECIES, sums, 2 * PITCH);
        FloatVector c2 = fromArray(SPECIES, sums, 2 * PITCH + LANES);
        FloatVector c3 = fromArray(SPECIES, sums, 2 * PITCH + 2 * LANES);
        FloatVector c4 = fromArray(SPECIES, sums, 2 * PITCH + 3 * LANES);
        FloatVector c5 = fromArray(SPECIES, sums, 2 * PITCH + 4 * LANES);
        FloatVector d1 = fromArray(SPECIES, sums, 3 * PITCH);
        FloatVector d2 = fromArray(SPECIES, sums, 3 * PITCH + LANES);
        FloatVector d3 = fromArray(SPECIES, sums, 3 * PITCH + 2 * LANES);
        FloatVector d4 = fromArray(SPECIES, sums, 3 * PITCH + 3 * LANES);
        FloatVector d5 = fromArray(SPECIES, sums, 3 * PITCH + 4 * LANES);
        for (int p = 0; p < xs.length; p++) {
            int at = x0 + xs[p];
            int out = y0 + ys[p];
            FloatVector x1 = fromArray(SPECIES, x, at);
            FloatVector x2 = fromArray(SPECIES, x, at + LANES);
            FloatVector x3 = fromArray(SPECIES, x, at + 2 * LANES);
            FloatVector x4 = fromArray(SPECIES, x, at + 3 * LANES);
            FloatVector x5 = fromArray(SPECIES, x, at + 4 * LANES);
            FloatVector x6 = fromArray(SPECIES, x, at + 5 * LANES);
            FloatVector y1 = fromArray(SPECIES, dy, out);
            FloatVector y2 = fromArray(SPECIES, dy, out + LANES);
            a1 = x2.fma(y2, x1.fma(y1, a1));
            a2 = x3.fma(y2, x2.fma(y1, a2));
            a3 = x4.fma(y2, x3.fma(y1, a3));
            a4 = x5.fma(y2, x4.fma(y1, a4));
            a5 = x6.fma(y2, x5.fma(y1, a5));
            out += map;
            y1 = fromArray(SPECIES, dy, out);
            y2 = fromArray(SPECIES, dy, out + LANES);
            b1 = x2.fma(y2, x1.fma(y1, b1));
            b2 = x3.fma(y2, x2.fma(y1, b2));
            b3 = x4.fma(y2, x3.fma(y1, b3));
            b4 = x5.fma(y2, x4.fma(y1, b4));
            b5 = x6.fma(y2, x5.fma(y1, b5));
            out += map;
            y1 = fromArray(SPECIES, dy, out);
            y2 = fromArray(SPECIES, dy, out + LANES);
            c1 = x2.fma(y2, x1.fma(y1, c1));
            c2 = x3.fma(y2, x2.fma(y1, c2));
            c3 = x4.fma(y2, x3.fma(y1, c3));
            c4 = x5.fma(y2, x4.fma(y1, c4));
            c5 = x6.fma(y2, x5.fma(y1, c5));
            out += map;
            y1 = fromArray(SPECIES, dy, out);
            y2 = fromArray(SPECIES, dy, out + LANES);
            d1 = x2.fma(y2, x1.fma(y1, d1));
            d2 = x3.fma(y2, x2.fma(y1, d2));
            d3 = x4.fma(y2, x3.fma(y1, d3));
            d4 = x5.fma(y2, x4.fma(y1, d4));
            d5 = x6.fma(y2, x5.fma(y1, d5));
        }
        EXACT.cast(a1).intoArray(sums, 0);
        EXACT.cast(a2).intoArray(sums, LANES);
        EXACT.cast(a3).intoArray(sums, 2 * LANES);
        EXACT.cast(a4).intoArray(sums, 3 * LANES);
        EXACT.cast(a5).intoArray(sums, 4 * LANES);
        EXACT.cast(b1).intoArray(sums, PITCH);
        EXACT.cast(b2).intoArray(sums, PITCH + LANES);
        EXACT.cast(b3).intoArray(sums, PITCH + 2 * LANES);
        EXACT.cast(b4).intoArray(sums, PITCH + 3 * LANES);
        EXACT.cast(b5).intoArray(sums, PITCH + 4 * LANES);
        EXACT.cast(c1).intoArray(sums, 2 * PITCH);
        EXACT.cast(c2).intoArray(sums, 2 * PITCH + LANES);
        EXACT.cast(c3).intoArray(sums, 2 * PITCH + 2 * LANES);
        EXACT.cast(c4).intoArray(sums, 2 * PITCH + 3 * LANES);
        EXACT.cast(c5).intoArray(sums, 2 * PITCH + 4 * LANES);
        EXACT.cast(d1).intoArray(sums, 3 * PITCH);
        EXACT.cast(d2).intoArray(sums, 3 * PITCH + LANES);
        EXACT.cast(d3).intoArray(sums, 3 * PITCH + 2 * LANES);
        EXACT.cast(d4).intoArray(sums, 3 * PITCH + 3 * LANES);
        EXACT.cast(d5).intoArray(sums, 3 * PITCH + 4 * LANES);
    }

    private static void weights2x2(Convolution g, Pixels pixels, float[] x, int x0, float[] dy, int y0, float[] sums) {
        int[] xs = pixels.inInput();
        int[] ys = pixels.inOutput();
        int map = g.outputMap();
        FloatVector a1 = fromArray(SPECIES, sums, 0);
        FloatVector a2 = fromArray(SPECIES, sums, LANES);
        FloatVector a3 = fromArray(SPECIES, sums, 2 * LANES);
        FloatVector a4 = fromArray(SPECIES, sums, 3 * LANES);
        FloatVector a5 = fromArray(SPECIES, sums, 4 * LANES);
        FloatVector b1 = fromArray(SPECIES, sums, PITCH);
        FloatVector b2 = fromArray(SPECIES, sums, PITCH + LANES);
        FloatVector b3 = fromArray(SPECIES, sums, PITCH + 2 * LANES);
        FloatVector b4 = fromArray(SPECIES, sums, PITCH + 3 * LANES);
        FloatVector b5 = fromArray(SPECIES, sums, PITCH + 4 * LANES);
        for (int p = 0; p < xs.length; p++) {
            int at = x0 + xs[p];
            int out = y0 + ys[p];
            FloatVector x1 = fromArray(SPECIES, x, at);
            FloatVector x2 = fromArray(SPECIES, x, at + LANES);
            FloatVector x3 = fromArray(SPECIES, x, at + 2 * LANES);
            FloatVector x4 = fromArray(SPECIES, x, at + 3 * LANES);
            FloatVector x5 = fromArray(SPECIES, x, at + 4 * LANES);
            FloatVector x6 = fromArray(SPECIES, x, at + 5 * LANES);
            FloatVector y1 = fromArray(SPECIES, dy, out);
            FloatVector y2 = fromArray(SPECIES, dy, out + LANES);
            a1 = x2.fma(y2, x1.fma(y1, a1));
            a2 = x3.fma(y2, x2.fma(y1, a2));
            a3 = x4.fma(y2, x3.fma(y1, a3));
            a4 = x5.fma(y2, x4.fma(y1, a4));
            a5 = x6.fma(y2, x5.fma(y1, a5));
            out += map;
            y1 = fromArray(SPECIES, dy, out);
            y2 = fromArray(SPECIES, dy, out + LANES);
            b1 = x2.fma(y2, x1.fma(y1, b1));
            b2 = x3.fma(y2, x2.fma(y1, b2));
            b3 = x4.fma(y2, x3.fma(y1, b3));
            b4 = x5.fma(y2, x4.fma(y1, b4));
            b5 = x6.fma(y2, x5.fma(y1, b5));
        }
        EXACT.cast(a1).intoArray(sums, 0);
        EXACT.cast(a2).intoArray(sums, LANES);
        EXACT.cast(a3).intoArray(sums, 2 * LANES);
        EXACT.cast(a4).intoArray(sums, 3 * LANES);
        EXACT.cast(a5).intoArray(sums, 4 * LANES);
        EXACT.cast(b1).intoArray(sums, PITCH);
        EXACT.cast(b2).intoArray(sums, PITCH + LANES);
        EXACT.cast(b3).intoArray(sums, PITCH + 2 * LANES);
        EXACT.cast(b4).intoArray(sums, PITCH + 3 * LANES);
        EXACT.cast(b5).intoArray(sums, PITCH + 4 * LANES);
    }

    private static void weights1x1(Pixels pixels, float[] x, int x0, float[] dy, int y0, float[] sums, int s0) {
        int[] xs = pixels.inInput();
        int[] ys = pixels.inOutput();
        FloatVector a1 = fromArray(SPECIES, sums, s0);
        FloatVector a2 = fromArray(SPECIES, sums, s0 + LANES);
        FloatVector a3 = fromArray(SPECIES, sums, s0 + 2 * LANES);
        FloatVector a4 = fromArray(SPECIES, sums, s0 + 3 * LANES);
        FloatVector a5 = fromArray(SPECIES, sums, s0 + 4 * LANES);
        for (int p = 0; p < xs.length; p++) {
            int at = x0 + xs[p];
            int out = y0 + ys[p];
            FloatVector x1 = fromArray(SPECIES, x, at);
            FloatVector x2 = fromArray(SPECIES, x, at + LANES);
            FloatVector x3 = fromArray(SPECIES, x, at + 2 * LANES);
            FloatVector x4 = fromArray(SPECIES, x, at + 3 * LANES);
            FloatVector x5 = fromArray(SPECIES, x, at + 4 * LANES);
            FloatVector y1 = fromArray(SPECIES, dy, out);
            a1 = x1.fma(y1, a1);
            a2 = x2.fma(y1, a2);
            a3 = x3.fma(y1, a3);
            a4 = x4.fma(y1, a4);
            a5 = x5.fma(y1, a5);
        }
        EXACT.cast(a1).intoArray(sums, s0);
        EXACT.cast(a2).intoArray(sums, s0 + LANES);
        EXACT.cast(a3).intoArray(sums, s0 + 2 * LANES);
        EXACT.cast(a4).intoArray(sums, s0 + 3 * LANES);
        EXACT.cast(a5).intoArray(sums, s0 + 4 * LANES);
    }
}
