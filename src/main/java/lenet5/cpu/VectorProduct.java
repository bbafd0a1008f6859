package lenet5.cpu;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static lenet5.cpu.VectorShape.EXACT;
import static lenet5.cpu.VectorShape.LANES;
import static lenet5.cpu.VectorShape.SPECIES;

import jdk.incubator.vector.FloatVector;

/** {@link Arithmetic#multiply} and its transpose in vectors. Tiles are written as those of {@link VectorConvolution}, for the same reasons. */
final class VectorProduct {

    private VectorProduct() {}

    static void multiply(
            Product p, float[] w, int w0, float[] start, int start0, float[] x, int x0, float[] y, int y0) {
        int rows;
        for (int j = 0; j < p.rows(); j += rows) {
            int left = p.rows() - j;
            rows = left >= 8 ? 8 : left >= 4 ? 4 : 1;
            for (int q = 0; q < p.columns(); q++) {
                int wt = w0 + j * p.wRow();
                int xt = x0 + q * LANES;
                int yt = y0 + j * p.yRow() + q * LANES;
                if (rows == 8) {
                    multiply8(p, w, wt, start, start0 + j, x, xt, y, yt);
                } else if (rows == 4) {
                    multiply4(p, w, wt, start, start0 + j, x, xt, y, yt);
                } else {
                    multiply1(p, w, wt, start, start0 + j, x, xt, y, yt);
                }
            }
        }
    }

    private static void multiply8(
            Product p, float[] w, int w0, float[] start, int s0, float[] x, int x0, float[] y, int y0) {
        int depth = p.depth();
        int step = p.xDepth();
        int row = p.yRow();
        int wa = w0;
        int wb = w0 + p.wRow();
        int wc = w0 + 2 * p.wRow();
        int wd = w0 + 3 * p.wRow();
        int we = w0 + 4 * p.wRow();
        int wf = w0 + 5 * p.wRow();
        int wg = w0 + 6 * p.wRow();
        int wh = w0 + 7 * p.wRow();
        FloatVector a = start == null ? fromArray(SPECIES, y, y0) : broadcast(SPECIES, start[s0]);
        FloatVector b = start == null ? fromArray(SPECIES, y, y0 + row) : broadcast(SPECIES, start[s0 + 1]);
        FloatVector c = start == null ? fromArray(SPECIES, y, y0 + 2 * row) : broadcast(SPECIES, start[s0 + 2]);
        FloatVector d = start == null ? fromArray(SPECIES, y, y0 + 3 * row) : broadcast(SPECIES, start[s0 + 3]);
        FloatVector e = start == null ? fromArray(SPECIES, y, y0 + 4 * row) : broadcast(SPECIES, start[s0 + 4]);
        FloatVector f = start == null ? fromArray(SPECIES, y, y0 + 5 * row) : broadcast(SPECIES, start[s0 + 5]);
        FloatVector g = start == null ? fromArray(SPECIES, y, y0 + 6 * row) : broadcast(SPECIES, start[s0 + 6]);
        FloatVector h = start == null ? fromArray(SPECIES, y, y0 + 7 * row) : broadcast(SPECIES, start[s0 + 7]);
        int k = 0;
        for (; k + 4 <= depth; k += 4) {
            int at = x0 + k * step;
            FloatVector x1 = fromArray(SPECIES, x, at);
            FloatVector x2 = fromArray(SPECIES, x, at + step);
            FloatVector x3 = fromArray(SPECIES, x, at + 2 * step);
            FloatVector x4 = fromArray(SPECIES, x, at + 3 * step);
            a = x1.fma(broadcast(SPECIES, w[wa + k]), a);
            a = x2.fma(broadcast(SPECIES, w[wa + k + 1]), a);
            a = x3.fma(broadcast(SPECIES, w[wa + k + 2]), a);
            a = x4.fma(broadcast(SPECIES, w[wa + k + 3]), a);
            b = x1.fma(broadcast(SPECIES, w[wb + k]), b);
            b = x2.fma(broadcast(SPECIES, w[wb + k + 1]), b);
            b = x3.fma(broadcast(SPECIES, w[wb + k + 2]), b);
            b = x4.fma(broadcast(SPECIES, w[wb + k + 3]), b);
            c = x1.fma(broadcast(SPECIES, w[wc + k]), c);
            c = x2.fma(broadcast(SPECIES, w[wc + k + 1]), c);
            c = x3.fma(broadcast(SPECIES, w[wc + k + 2]), c);
            c = x4.fma(broadcast(SPECIES, w[wc + k + 3]), c);
            d = x1.fma(broadcast(SPECIES, w[wd + k]), d);
            d = x2.fma(broadcast(SPECIES, w[wd + k + 1]), d);
            d = x3.fma(broadcast(SPECIES, w[wd + k + 2]), d);
            d = x4.fma(broadcast(SPECIES, w[wd + k + 3]), d);
            e = x1.fma(broadcast(SPECIES, w[we + k]), e);
            e = x2.fma(broadcast(SPECIES, w[we + k + 1]), e);
            e = x3.fma(broadcast(SPECIES, w[we + k + 2]), e);
            e = x4.fma(broadcast(SPECIES, w[we + k + 3]), e);
            f = x1.fma(broadcast(SPECIES, w[wf + k]), f);
            f = x2.fma(broadcast(SPECIES, w[wf + k + 1]), f);
            f = x3.fma(broadcast(SPECIES, w[wf + k + 2]), f);
            f = x4.fma(broadcast(SPECIES, w[wf + k + 3]), f);
            g = x1.fma(broadcast(SPECIES, w[wg + k]), g);
            g = x2.fma(broadcast(SPECIES, w[wg + k + 1]), g);
            g = x3.fma(broadcast(SPECIES, w[wg + k + 2]), g);
            g = x4.fma(broadcast(SPECIES, w[wg + k + 3]), g);
            h = x1.fma(broadcast(SPECIES, w[wh + k]), h);
            h = x2.fma(broadcast(SPECIES, w[wh + k + 1]), h);
            h = x3.fma(broadcast(SPECIES, w[wh + k + 2]), h);
            h = x4.fma(broadcast(SPECIES, w[wh + k + 3]), h);
        }
        for (; k < depth; k++) {
            FloatVector v = fromArray(SPECIES, x, x0 + k * step);
            a = v.fma(broadcast(SPECIES, w[wa + k]), a);
            b = v.fma(broadcast(SPECIES, w[wb + k]), b);
            c = v.fma(broadcast(SPECIES, w[wc + k]), c);
            d = v.fma(broadcast(SPECIES, w[wd + k]), d);
            e = v.fma(broadcast(SPECIES, w[we + k]), e);
            f = v.fma(broadcast(SPECIES, w[wf + k]), f);
            g = v.fma(broadcast(SPECIES, w[wg + k]), g);
            h = v.fma(broadcast(SPECIES, w[wh + k]), h);
        }
        EXACT.cast(a).intoArray(y, y0);
        EXACT.cast(b).intoArray(y, y0 + row);
        EXACT.cast(c).intoArray(y, y0 + 2 * row);
        EXACT.cast(d).intoArray(y, y0 + 3 * row);
        EXACT.cast(e).intoArray(y, y0 + 4 * row);
        EXACT.cast(f).intoArray(y, y0 + 5 * row);
        EXACT.cast(g).intoArray(y, y0 + 6 * row);
        EXACT.cast(h).intoArray(y, y0 + 7 * row);
    }

    private static void multiply4(
            Product p, float[] w, int w0, float[] start, int s0, float[] x, int x0, float[] y, int y0) {
        int depth = p.depth();
        int step = p.xDepth();
        int row = p.yRow();
        int wa = w0;
        int wb = w0 + p.wRow();
        int wc = w0 + 2 * p.wRow();
        int wd = w0 + 3 * p.wRow();
        FloatVector a = start == null ? fromArray(SPECIES, y, y0) : broadcast(SPECIES, start[s0]);
        FloatVector b = start == null ? fromArray(SPECIES, y, y0 + row) : broadcast(SPECIES, start[s0 + 1]);
        FloatVector c = start == null ? fromArray(SPECIES, y, y0 + 2 * row) : broadcast(SPECIES, start[s0 + 2]);
        FloatVector d = start == null ? fromArray(SPECIES, y, y0 + 3 * row) : broadcast(SPECIES, start[s0 + 3]);
        int k = 0;
        for (; k + 4 <= depth; k += 4) {
            int at = x0 + k * step;
            FloatVector x1 = fromArray(SPECIES, x, at);
            FloatVector x2 = fromArray(SPECIES, x, at + step);
            FloatVector x3 = fromArray(SPECIES, x, at + 2 * step);
            FloatVector x4 = fromArray(SPECIES, x, at + 3 * step);
            a = x1.fma(broadcast(SPECIES, w[wa + k]), a);
            a = x2.fma(broadcast(SPECIES, w[wa + k + 1]), a);
            a = x3.fma(broadcast(SPECIES, w[wa + k + 2]), a);
            a = x4.fma(broadcast(SPECIES, w[wa + k + 3]), a);
            b = x1.fma(broadcast(SPECIES, w[wb + k]), b);
            b = x2.fma(broadcast(SPECIES, w[wb + k + 1]), b);
            b = x3.fma(broadcast(SPECIES, w[wb + k + 2]), b);
            b = x4.fma(broadcast(SPECIES, w[wb + k + 3]), b);
            c = x1.fma(broadcast(SPECIES, w[wc + k]), c);
            c = x2.fma(broadcast(SPECIES, w[wc + k + 1]), c);
            c = x3.fma(broadcast(SPECIES, w[wc + k + 2]), c);
            c = x4.fma(broadcast(SPECIES, w[wc + k + 3]), c);
            d = x1.fma(broadcast(SPECIES, w[wd + k]), d);
            d = x2.fma(broadcast(SPECIES, w[wd + k + 1]), d);
            d = x3.fma(broadcast(SPECIES, w[wd + k + 2]), d);
            d = x4.fma(broadcast(SPECIES, w[wd + k + 3]), d);
        }
        for (; k < depth; k++) {
            FloatVector v = fromArray(SPECIES, x, x0 + k * step);
            a = v.fma(broadcast(SPECIES, w[wa + k]), a);
            b = v.fma(broadcast(SPECIES, w[wb + k]), b);
            c = v.fma(broadcast(SPECIES, w[wc + k]), c);
            d = v.fma(broadcast(SPECIES, w[wd + k]), d);
        }
        EXACT.cast(a).intoArray(y, y0);
        EXACT.cast(b).intoArray(y, y0 + row);
        EXACT.cast(c).intoArray(y, y0 + 2 * row);
        EXACT.cast(d).intoArray(y, y0 + 3 * row);
    }

    private static void multiply1(
            Product p, float[] w, int w0, float[] start, int s0, float[] x, int x0, float[] y, int y0) {
        int depth = p.depth();
        int step = p.xDepth();
        int wa = w0;
        FloatVector a = start == null ? fromArray(SPECIES, y, y0) : broadcast(SPECIES, start[s0]);
        int k = 0;
        for (; k + 4 <= depth; k += 4) {
            int at = x0 + k * step;
            FloatVector x1 = fromArray(SPECIES, x, at);
            FloatVector x2 = fromArray(SPECIES, x, at + step);
            FloatVector x3 = fromArray(SPECIES, x, at + 2 * step);
            FloatVector x4 = fromArray(SPECIES, x, at + 3 * step);
            a = x1.fma(broadcast(SPECIES, w[wa + k]), a);
            a = x2.fma(broadcast(SPECIES, w[wa + k + 1]), a);
            a = x3.fma(broadcast(SPECIES, w[wa + k + 2]), a);
            a = x4.fma(broadcast(SPECIES, w[wa + k + 3]), a);
        }
        for (; k < depth; k++) {
            FloatVector v = fromArray(SPECIES, x, x0 + k * step);
            a = v.fma(broadcast(SPECIES, w[wa + k]), a);
        }
        EXACT.cast(a).intoArray(y, y0);
    }

    static void multiplyTransposed(Product p, float[] w, int w0, float[] x, int x0, float[] y, int y0) {
        int rows;
        for (int j = 0; j < p.rows(); j += rows) {
            rows = p.rows() - j >= 16 ? 16 : 1;
            for (int q = 0; q < p.columns(); q++) {
                int xt = x0 + q * LANES;
                int yt = y0 + j * p.yRow() + q * LANES;
                if (rows == 16) {
                    multiplyTransposed16(p, w, w0 + j, x, xt, y, yt);
                } else {
                    multiplyTransposed1(p, w, w0 + j, x, xt, y, yt);
                }
            }
        }
    }

    private static void multiplyTransposed16(Product p, float[] w, int w0, float[] x, int x0, float[] y, int y0) {
        int depth = p.depth();
        int pitch = p.wRow();
        int step = p.xDepth();
        int row = p.yRow();
        FloatVector s1 = broadcast(SPECIES, 0);
        FloatVector s2 = s1;
        FloatVector s3 = s1;
        FloatVector s4 = s1;
        FloatVector s5 = s1;
        FloatVector s6 = s1;
        FloatVector s7 = s1;
        FloatVector s8 = s1;
        FloatVector s9 = s1;
        FloatVector s10 = s1;
        FloatVector s11 = s1;
        FloatVector s12 = s1;
        FloatVector s13 = s1;
        FloatVector s14 = s1;
        FloatVector s15 = s1;
        FloatVector s16 = s1;
        for (int k = 0; k < depth; k++) {
            FloatVector v = fromArray(SPECIES, x, x0 + k * step);
            int at = w0 + k * pitch;
            s1 = v.fma(broadcast(SPECIES, w[at]), s1);
            s2 = v.fma(broadcast(SPECIES, w[at + 1]), s2);
            s3 = v.fma(broadcast(SPECIES, w[at + 2]), s3);
            s4 = v.fma(broadcast(SPECIES, w[at + 3]), s4);
            s5 = v.fma(broadcast(SPECIES, w[at + 4]), s5);
            s6 = v.fma(broadcast(SPECIES, w[at + 5]), s6);
            s7 = v.fma(broadcast(SPECIES, w[at + 6]), s7);
            s8 = v.fma(broadcast(SPECIES, w[at + 7]), s8);
            s9 = v.fma(broadcast(SPECIES, w[at + 8]), s9);
            s10 = v.fma(broadcast(SPECIES, w[at + 9]), s10);
            s11 = v.fma(broadcast(SPECIES, w[at + 10]), s11);
            s12 = v.fma(broadcast(SPECIES, w[at + 11]), s12);
            s13 = v.fma(broadcast(SPECIES, w[at + 12]), s13);
            s14 = v.fma(broadcast(SPECIES, w[at + 13]), s14);
            s15 = v.fma(broadcast(SPECIES, w[at + 14]), s15);
            s16 = v.fma(broadcast(SPECIES, w[at + 15]), s16);
        }
        EXACT.cast(s1).intoArray(y, y0);
        EXACT.cast(s2).intoArray(y, y0 + row);
        EXACT.cast(s3).intoArray(y, y0 + 2 * row);
        EXACT.cast(s4).intoArray(y, y0 + 3 * row);
        EXACT.cast(s5).intoArray(y, y0 + 4 * row);
        EXACT.cast(s6).intoArray(y, y0 + 5 * row);
        EXACT.cast(s7).intoArray(y, y0 + 6 * row);
        EXACT.cast(s8).intoArray(y, y0 + 7 * row);
        EXACT.cast(s9).intoArray(y, y0 + 8 * row);
        EXACT.cast(s10).intoArray(y, y0 + 9 * row);
        EXACT.cast(s11).intoArray(y, y0 + 10 * row);
        EXACT.cast(s12).intoArray(y, y0 + 11 * row);
        EXACT.cast(s13).intoArray(y, y0 + 12 * row);
        EXACT.cast(s14).intoArray(y, y0 + 13 * row);
        EXACT.cast(s15).intoArray(y, y0 + 14 * row);
        EXACT.cast(s16).intoArray(y, y0 + 15 * row);
    }

    private static void multiplyTransposed1(Product p, float[] w, int w0, float[] x, int x0, float[] y, int y0) {
        int depth = p.depth();
        int pitch = p.wRow();
        int step = p.xDepth();
        FloatVector s1 = broadcast(SPECIES, 0);
        for (int k = 0; k < depth; k++) {
            FloatVector v = fromArray(SPECIES, x, x0 + k * step);
            int at = w0 + k * pitch;
            s1 = v.fma(broadcast(SPECIES, w[at]), s1);
        }
        EXACT.cast(s1).intoArray(y, y0);
    }
}
