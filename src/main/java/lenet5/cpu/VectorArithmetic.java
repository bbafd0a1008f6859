package lenet5.cpu;

import static lenet5.cpu.PoolLayer.SHARE;
import static lenet5.nn.Layer.AveragePool2x2.WINDOW;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Register-blocked vector code of whatever width the machine prefers: a column is one vector, and a block of sums stays in
 * registers while the depth is gone through.
 */
final class VectorArithmetic implements Arithmetic {

    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = SPECIES.length();

    /** Columns a correlation goes through at a time: what its operands' rows take fits the first-level cache. */
    private static final int CORRELATED_COLUMNS = 128;
    /** Terms of the depth a correlation keeps in registers: a row of a convolution's taps. */
    private static final int TAPS = 5;

    @Override
    public String description() {
        return SPECIES.vectorBitSize() + "-bit vectors";
    }

    @Override
    public int lanes() {
        return LANES;
    }

    @Override
    public void multiply(
            Product p, float[] w, int w0, float[] start, int start0, float[] x, int x0, float[] y, int y0) {
        int q = 0;
        for (; q + 4 <= p.columns(); q += 4) {
            int j = 0;
            for (; j + 4 <= p.rows(); j += 4) {
                multiply4x4(p, w, w0, start, start0, x, x0, y, y0, j, q);
            }
            for (; j + 2 <= p.rows(); j += 2) {
                multiply2x4(p, w, w0, start, start0, x, x0, y, y0, j, q);
            }
            for (; j < p.rows(); j++) {
                for (int c = q; c < q + 4; c++) {
                    multiply1x1(p, w, w0, start, start0, x, x0, y, y0, j, c);
                }
            }
        }
        for (; q < p.columns(); q++) {
            int j = 0;
            for (; j + 8 <= p.rows(); j += 8) {
                multiply8x1(p, w, w0, start, start0, x, x0, y, y0, j, q);
            }
            for (; j < p.rows(); j++) {
                multiply1x1(p, w, w0, start, start0, x, x0, y, y0, j, q);
            }
        }
    }

    private static FloatVector begin(float[] start, int s, float[] y, int at) {
        return start != null ? FloatVector.broadcast(SPECIES, start[s]) : load(y, at);
    }

    private static FloatVector load(float[] values, int at) {
        return FloatVector.fromArray(SPECIES, values, at);
    }

    private static void multiply4x4(
            Product p, float[] w, int w0, float[] start, int s, float[] x, int x0, float[] y, int y0, int j, int q) {
        int[] xc = p.xColumn();
        int[] yc = p.yColumn();
        int[] wDepth = p.wDepth();
        int[] xDepth = p.xDepth();
        int wa = w0 + j * p.wRow();
        int wb = wa + p.wRow();
        int wc = wb + p.wRow();
        int wd = wc + p.wRow();
        int x1 = x0 + xc[q];
        int x2 = x0 + xc[q + 1];
        int x3 = x0 + xc[q + 2];
        int x4 = x0 + xc[q + 3];
        int ya = y0 + j * p.yRow();
        int yb = ya + p.yRow();
        int yd = yb + p.yRow();
        int ye = yd + p.yRow();
        int y1 = yc[q];
        int y2 = yc[q + 1];
        int y3 = yc[q + 2];
        int y4 = yc[q + 3];
        FloatVector a1 = begin(start, s + j, y, ya + y1);
        FloatVector a2 = begin(start, s + j, y, ya + y2);
        FloatVector a3 = begin(start, s + j, y, ya + y3);
        FloatVector a4 = begin(start, s + j, y, ya + y4);
        FloatVector b1 = begin(start, s + j + 1, y, yb + y1);
        FloatVector b2 = begin(start, s + j + 1, y, yb + y2);
        FloatVector b3 = begin(start, s + j + 1, y, yb + y3);
        FloatVector b4 = begin(start, s + j + 1, y, yb + y4);
        FloatVector c1 = begin(start, s + j + 2, y, yd + y1);
        FloatVector c2 = begin(start, s + j + 2, y, yd + y2);
        FloatVector c3 = begin(start, s + j + 2, y, yd + y3);
        FloatVector c4 = begin(start, s + j + 2, y, yd + y4);
        FloatVector d1 = begin(start, s + j + 3, y, ye + y1);
        FloatVector d2 = begin(start, s + j + 3, y, ye + y2);
        FloatVector d3 = begin(start, s + j + 3, y, ye + y3);
        FloatVector d4 = begin(start, s + j + 3, y, ye + y4);
        for (int k = 0; k < xDepth.length; k++) {
            int xk = xDepth[k];
            int wk = wDepth[k];
            FloatVector v1 = load(x, x1 + xk);
            FloatVector v2 = load(x, x2 + xk);
            FloatVector v3 = load(x, x3 + xk);
            FloatVector v4 = load(x, x4 + xk);
            FloatVector f = FloatVector.broadcast(SPECIES, w[wa + wk]);
            a1 = v1.fma(f, a1);
            a2 = v2.fma(f, a2);
            a3 = v3.fma(f, a3);
            a4 = v4.fma(f, a4);
            f = FloatVector.broadcast(SPECIES, w[wb + wk]);
            b1 = v1.fma(f, b1);
            b2 = v2.fma(f, b2);
            b3 = v3.fma(f, b3);
            b4 = v4.fma(f, b4);
            f = FloatVector.broadcast(SPECIES, w[wc + wk]);
            c1 = v1.fma(f, c1);
            c2 = v2.fma(f, c2);
            c3 = v3.fma(f, c3);
            c4 = v4.fma(f, c4);
            f = FloatVector.broadcast(SPECIES, w[wd + wk]);
            d1 = v1.fma(f, d1);
            d2 = v2.fma(f, d2);
            d3 = v3.fma(f, d3);
            d4 = v4.fma(f, d4);
        }
        a1.intoArray(y, ya + y1);
        a2.intoArray(y, ya + y2);
        a3.intoArray(y, ya + y3);
        a4.intoArray(y, ya + y4);
        b1.intoArray(y, yb + y1);
        b2.intoArray(y, yb + y2);
        b3.intoArray(y, yb + y3);
        b4.intoArray(y, yb + y4);
        c1.intoArray(y, yd + y1);
        c2.intoArray(y, yd + y2);
        c3.intoArray(y, yd + y3);
        c4.intoArray(y, yd + y4);
        d1.intoArray(y, ye + y1);
        d2.intoArray(y, ye + y2);
        d3.intoArray(y, ye + y3);
        d4.intoArray(y, ye + y4);
    }

    private static void multiply2x4(
            Product p, float[] w, int w0, float[] start, int s, float[] x, int x0, float[] y, int y0, int j, int q) {
        int[] xc = p.xColumn();
        int[] yc = p.yColumn();
        int[] wDepth = p.wDepth();
        int[] xDepth = p.xDepth();
        int wa = w0 + j * p.wRow();
        int wb = wa + p.wRow();
        int x1 = x0 + xc[q];
        int x2 = x0 + xc[q + 1];
        int x3 = x0 + xc[q + 2];
        int x4 = x0 + xc[q + 3];
        int ya = y0 + j * p.yRow();
        int yb = ya + p.yRow();
        int y1 = yc[q];
        int y2 = yc[q + 1];
        int y3 = yc[q + 2];
        int y4 = yc[q + 3];
        FloatVector a1 = begin(start, s + j, y, ya + y1);
        FloatVector a2 = begin(start, s + j, y, ya + y2);
        FloatVector a3 = begin(start, s + j, y, ya + y3);
        FloatVector a4 = begin(start, s + j, y, ya + y4);
        FloatVector b1 = begin(start, s + j + 1, y, yb + y1);
        FloatVector b2 = begin(start, s + j + 1, y, yb + y2);
        FloatVector b3 = begin(start, s + j + 1, y, yb + y3);
        FloatVector b4 = begin(start, s + j + 1, y, yb + y4);
        for (int k = 0; k < xDepth.length; k++) {
            int xk = xDepth[k];
            int wk = wDepth[k];
            FloatVector v1 = load(x, x1 + xk);
            FloatVector v2 = load(x, x2 + xk);
            FloatVector v3 = load(x, x3 + xk);
            FloatVector v4 = load(x, x4 + xk);
            FloatVector f = FloatVector.broadcast(SPECIES, w[wa + wk]);
            a1 = v1.fma(f, a1);
            a2 = v2.fma(f, a2);
            a3 = v3.fma(f, a3);
            a4 = v4.fma(f, a4);
            f = FloatVector.broadcast(SPECIES, w[wb + wk]);
            b1 = v1.fma(f, b1);
            b2 = v2.fma(f, b2);
            b3 = v3.fma(f, b3);
            b4 = v4.fma(f, b4);
        }
        a1.intoArray(y, ya + y1);
        a2.intoArray(y, ya + y2);
        a3.intoArray(y, ya + y3);
        a4.intoArray(y, ya + y4);
        b1.intoArray(y, yb + y1);
        b2.intoArray(y, yb + y2);
        b3.intoArray(y, yb + y3);
        b4.intoArray(y, yb + y4);
    }

    private static void multiply8x1(
            Product p, float[] w, int w0, float[] start, int s, float[] x, int x0, float[] y, int y0, int j, int q) {
        int[] wDepth = p.wDepth();
        int[] xDepth = p.xDepth();
        int row = p.wRow();
        int wj = w0 + j * row;
        int xq = x0 + p.xColumn()[q];
        int yRow = p.yRow();
        int yj = y0 + j * yRow + p.yColumn()[q];
        FloatVector a = begin(start, s + j, y, yj);
        FloatVector b = begin(start, s + j + 1, y, yj + yRow);
        FloatVector c = begin(start, s + j + 2, y, yj + 2 * yRow);
        FloatVector d = begin(start, s + j + 3, y, yj + 3 * yRow);
        FloatVector e = begin(start, s + j + 4, y, yj + 4 * yRow);
        FloatVector f = begin(start, s + j + 5, y, yj + 5 * yRow);
        FloatVector g = begin(start, s + j + 6, y, yj + 6 * yRow);
        FloatVector h = begin(start, s + j + 7, y, yj + 7 * yRow);
        for (int k = 0; k < xDepth.length; k++) {
            FloatVector v = load(x, xq + xDepth[k]);
            int wk = wj + wDepth[k];
            a = v.fma(FloatVector.broadcast(SPECIES, w[wk]), a);
            b = v.fma(FloatVector.broadcast(SPECIES, w[wk + row]), b);
            c = v.fma(FloatVector.broadcast(SPECIES, w[wk + 2 * row]), c);
            d = v.fma(FloatVector.broadcast(SPECIES, w[wk + 3 * row]), d);
            e = v.fma(FloatVector.broadcast(SPECIES, w[wk + 4 * row]), e);
            f = v.fma(FloatVector.broadcast(SPECIES, w[wk + 5 * row]), f);
            g = v.fma(FloatVector.broadcast(SPECIES, w[wk + 6 * row]), g);
            h = v.fma(FloatVector.broadcast(SPECIES, w[wk + 7 * row]), h);
        }
        a.intoArray(y, yj);
        b.intoArray(y, yj + yRow);
        c.intoArray(y, yj + 2 * yRow);
        d.intoArray(y, yj + 3 * yRow);
        e.intoArray(y, yj + 4 * yRow);
        f.intoArray(y, yj + 5 * yRow);
        g.intoArray(y, yj + 6 * yRow);
        h.intoArray(y, yj + 7 * yRow);
    }

    private static void multiply1x1(
            Product p, float[] w, int w0, float[] start, int s, float[] x, int x0, float[] y, int y0, int j, int q) {
        int wj = w0 + j * p.wRow();
        int xq = x0 + p.xColumn()[q];
        int yq = y0 + j * p.yRow() + p.yColumn()[q];
        FloatVector sum = begin(start, s + j, y, yq);
        for (int k = 0; k < p.depth(); k++) {
            sum = load(x, xq + p.xDepth()[k]).fma(FloatVector.broadcast(SPECIES, w[wj + p.wDepth()[k]]), sum);
        }
        sum.intoArray(y, yq);
    }

    @Override
    public void correlate(Product p, float[] x, int x0, float[] y, int y0, float[] sums) {
        Arrays.fill(sums, 0, p.rows() * p.depth() * LANES, 0);
        for (int from = 0; from < p.columns(); from += CORRELATED_COLUMNS) {
            int to = Math.min(p.columns(), from + CORRELATED_COLUMNS);
            int j = 0;
            for (; j + 2 <= p.rows(); j += 2) {
                int k = 0;
                for (; k + TAPS <= p.depth(); k += TAPS) {
                    correlate2x5(p, x, x0, y, y0, sums, j, k, from, to);
                }
                for (; k < p.depth(); k++) {
                    correlate1x1(p, x, x0, y, y0, sums, j, k, from, to);
                    correlate1x1(p, x, x0, y, y0, sums, j + 1, k, from, to);
                }
            }
            for (; j < p.rows(); j++) {
                for (int k = 0; k < p.depth(); k++) {
                    correlate1x1(p, x, x0, y, y0, sums, j, k, from, to);
                }
            }
        }
    }

    private static void correlate2x5(
            Product p, float[] x, int x0, float[] y, int y0, float[] sums, int j, int k, int from, int to) {
        int[] xc = p.xColumn();
        int[] yc = p.yColumn();
        int x1 = x0 + p.xDepth()[k];
        int x2 = x0 + p.xDepth()[k + 1];
        int x3 = x0 + p.xDepth()[k + 2];
        int x4 = x0 + p.xDepth()[k + 3];
        int x5 = x0 + p.xDepth()[k + 4];
        int ya = y0 + j * p.yRow();
        int yb = ya + p.yRow();
        int sa = (j * p.depth() + k) * LANES;
        int sb = sa + p.depth() * LANES;
        FloatVector a1 = load(sums, sa);
        FloatVector a2 = load(sums, sa + LANES);
        FloatVector a3 = load(sums, sa + 2 * LANES);
        FloatVector a4 = load(sums, sa + 3 * LANES);
        FloatVector a5 = load(sums, sa + 4 * LANES);
        FloatVector b1 = load(sums, sb);
        FloatVector b2 = load(sums, sb + LANES);
        FloatVector b3 = load(sums, sb + 2 * LANES);
        FloatVector b4 = load(sums, sb + 3 * LANES);
        FloatVector b5 = load(sums, sb + 4 * LANES);
        for (int q = from; q < to; q++) {
            int xq = xc[q];
            FloatVector va = load(y, ya + yc[q]);
            FloatVector vb = load(y, yb + yc[q]);
            FloatVector v = load(x, x1 + xq);
            a1 = v.fma(va, a1);
            b1 = v.fma(vb, b1);
            v = load(x, x2 + xq);
            a2 = v.fma(va, a2);
            b2 = v.fma(vb, b2);
            v = load(x, x3 + xq);
            a3 = v.fma(va, a3);
            b3 = v.fma(vb, b3);
            v = load(x, x4 + xq);
            a4 = v.fma(va, a4);
            b4 = v.fma(vb, b4);
            v = load(x, x5 + xq);
            a5 = v.fma(va, a5);
            b5 = v.fma(vb, b5);
        }
        a1.intoArray(sums, sa);
        a2.intoArray(sums, sa + LANES);
        a3.intoArray(sums, sa + 2 * LANES);
        a4.intoArray(sums, sa + 3 * LANES);
        a5.intoArray(sums, sa + 4 * LANES);
        b1.intoArray(sums, sb);
        b2.intoArray(sums, sb + LANES);
        b3.intoArray(sums, sb + 2 * LANES);
        b4.intoArray(sums, sb + 3 * LANES);
        b5.intoArray(sums, sb + 4 * LANES);
    }

    private static void correlate1x1(
            Product p, float[] x, int x0, float[] y, int y0, float[] sums, int j, int k, int from, int to) {
        int xk = x0 + p.xDepth()[k];
        int yj = y0 + j * p.yRow();
        int at = (j * p.depth() + k) * LANES;
        FloatVector sum = load(sums, at);
        for (int q = from; q < to; q++) {
            sum = load(x, xk + p.xColumn()[q]).fma(load(y, yj + p.yColumn()[q]), sum);
        }
        sum.intoArray(sums, at);
    }

    @Override
    public void sum(float[] x, int x0, int columns, float[] sum) {
        FloatVector even = constant(0);
        FloatVector odd = constant(0);
        int c = 0;
        for (; c + 2 <= columns; c += 2) {
            even = even.add(load(x, x0 + c * LANES));
            odd = odd.add(load(x, x0 + (c + 1) * LANES));
        }
        if (c < columns) {
            even = even.add(load(x, x0 + c * LANES));
        }
        even.add(odd).intoArray(sum, 0);
    }

    @Override
    public void average(float[] x, int x0, float[] y, int y0, int columns) {
        int below = x0 + WINDOW * columns * LANES;
        for (int c = 0; c < columns; c++) {
            int at = WINDOW * c * LANES;
            load(x, x0 + at)
                    .add(load(x, x0 + at + LANES))
                    .add(load(x, below + at).add(load(x, below + at + LANES)))
                    .mul(SHARE)
                    .intoArray(y, y0 + c * LANES);
        }
    }

    @Override
    public void share(float[] dy, int y0, float[] dx, int x0, int columns) {
        int below = x0 + WINDOW * columns * LANES;
        for (int c = 0; c < columns; c++) {
            int at = WINDOW * c * LANES;
            FloatVector share = load(dy, y0 + c * LANES).mul(SHARE);
            share.intoArray(dx, x0 + at);
            share.intoArray(dx, x0 + at + LANES);
            share.intoArray(dx, below + at);
            share.intoArray(dx, below + at + LANES);
        }
    }

    @Override
    public void tanh(float[] x, float[] y, int count) {
        for (int i = 0; i < count; i += LANES) {
            FloatVector a = load(x, i).min(RationalTanh.LIMIT).max(-RationalTanh.LIMIT);
            FloatVector u = a.mul(a);
            FloatVector p = constant(RationalTanh.P4)
                    .fma(u, constant(RationalTanh.P3))
                    .fma(u, constant(RationalTanh.P2))
                    .fma(u, constant(RationalTanh.P1))
                    .fma(u, constant(RationalTanh.P0));
            FloatVector q = constant(RationalTanh.Q4)
                    .fma(u, constant(RationalTanh.Q3))
                    .fma(u, constant(RationalTanh.Q2))
                    .fma(u, constant(RationalTanh.Q1))
                    .fma(u, constant(RationalTanh.Q0));
            a.mul(p).div(q).min(1).max(-1).intoArray(y, i);
        }
    }

    private static FloatVector constant(float value) {
        return FloatVector.broadcast(SPECIES, value);
    }

    @Override
    public void tanhBackward(float[] y, float[] dy, float[] dx, int count) {
        for (int i = 0; i < count; i += LANES) {
            FloatVector v = load(y, i);
            load(dy, i).mul(constant(1).sub(v.mul(v))).intoArray(dx, i);
        }
    }
}
