package lenet5.cpu;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static lenet5.cpu.PoolLayer.SHARE;
import static lenet5.nn.Layer.AveragePool2x2.WINDOW;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Register-blocked vector code of whatever width the machine prefers: a column is one vector, and a block of sums stays in
 * registers while the depth is gone through.
 */
final class VectorArithmetic implements Arithmetic {

    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = SPECIES.length();

    @Override
    public String description() {
        return SPECIES.vectorBitSize() + "-bit vectors";
    }

    @Override
    public int lanes() {
        return LANES;
    }

    @Override
    public void convolve(Convolution g, float[] w, int w0, float[] bias, int b0, float[] x, float[] y) {
        VectorConvolution.convolve(g, w, w0, bias, b0, x, y);
    }

    @Override
    public void convolveWeights(Convolution g, float[] x, float[] dy, float[] sums) {
        VectorWeightsGradient.convolveWeights(g, x, dy, sums);
    }

    @Override
    public void convolveInput(Convolution g, float[] w, int w0, float[] dy, float[] dx) {
        VectorInputGradient.convolveInput(g, w, w0, dy, dx);
    }

    @Override
    public void multiply(
            Product p, float[] w, int w0, float[] start, int start0, float[] x, int x0, float[] y, int y0) {
        int columns;
        for (int q = 0; q < p.columns(); q += columns) {
            columns = p.columns() - q >= 4 ? 4 : 1;
            int most = columns == 4 ? 4 : 8;
            int rows;
            for (int j = 0; j < p.rows(); j += rows) {
                rows = p.rows() - j >= most ? most : 1;
                int wt = w0 + j * p.wRow();
                int xt = x0 + q * LANES;
                int yt = y0 + j * p.yRow() + q * LANES;
                tile(rows, columns, p, w, wt, start, start0 + j, x, xt, y, yt);
            }
        }
    }

    private static void tile(
            int rows,
            int columns,
            Product p,
            float[] w,
            int w0,
            float[] start,
            int s0,
            float[] x,
            int x0,
            float[] y,
            int y0) {
        if (rows == 4) {
            multiply4x4(p, w, w0, start, s0, x, x0, y, y0);
        } else if (rows == 8) {
            multiply8x1(p, w, w0, start, s0, x, x0, y, y0);
        } else {
            for (int q = 0; q < columns; q++) {
                multiply1x1(p, w, w0, start, s0, x, x0 + q * LANES, y, y0 + q * LANES);
            }
        }
    }

    private static FloatVector begin(float[] start, int s, float[] y, int at) {
        return start != null ? broadcast(SPECIES, start[s]) : load(y, at);
    }

    private static FloatVector load(float[] values, int at) {
        return fromArray(SPECIES, values, at);
    }

    private static void multiply4x4(
            Product p, float[] w, int w0, float[] start, int s0, float[] x, int x0, float[] y, int y0) {
        FloatVector a1 = begin(start, s0, y, y0);
        FloatVector a2 = begin(start, s0, y, y0 + LANES);
        FloatVector a3 = begin(start, s0, y, y0 + 2 * LANES);
        FloatVector a4 = begin(start, s0, y, y0 + 3 * LANES);
        FloatVector b1 = begin(start, s0 + 1, y, y0 + p.yRow());
        FloatVector b2 = begin(start, s0 + 1, y, y0 + p.yRow() + LANES);
        FloatVector b3 = begin(start, s0 + 1, y, y0 + p.yRow() + 2 * LANES);
        FloatVector b4 = begin(start, s0 + 1, y, y0 + p.yRow() + 3 * LANES);
        FloatVector c1 = begin(start, s0 + 2, y, y0 + 2 * p.yRow());
        FloatVector c2 = begin(start, s0 + 2, y, y0 + 2 * p.yRow() + LANES);
        FloatVector c3 = begin(start, s0 + 2, y, y0 + 2 * p.yRow() + 2 * LANES);
        FloatVector c4 = begin(start, s0 + 2, y, y0 + 2 * p.yRow() + 3 * LANES);
        FloatVector d1 = begin(start, s0 + 3, y, y0 + 3 * p.yRow());
        FloatVector d2 = begin(start, s0 + 3, y, y0 + 3 * p.yRow() + LANES);
        FloatVector d3 = begin(start, s0 + 3, y, y0 + 3 * p.yRow() + 2 * LANES);
        FloatVector d4 = begin(start, s0 + 3, y, y0 + 3 * p.yRow() + 3 * LANES);
        for (int k = 0; k < p.depth(); k++) {
            int wk = w0 + k * p.wDepth();
            int xk = x0 + k * p.xDepth();
            FloatVector x1 = fromArray(SPECIES, x, xk);
            FloatVector x2 = fromArray(SPECIES, x, xk + LANES);
            FloatVector x3 = fromArray(SPECIES, x, xk + 2 * LANES);
            FloatVector x4 = fromArray(SPECIES, x, xk + 3 * LANES);
            FloatVector f = broadcast(SPECIES, w[wk]);
            a1 = x1.fma(f, a1);
            a2 = x2.fma(f, a2);
            a3 = x3.fma(f, a3);
            a4 = x4.fma(f, a4);
            f = broadcast(SPECIES, w[wk + p.wRow()]);
            b1 = x1.fma(f, b1);
            b2 = x2.fma(f, b2);
            b3 = x3.fma(f, b3);
            b4 = x4.fma(f, b4);
            f = broadcast(SPECIES, w[wk + 2 * p.wRow()]);
            c1 = x1.fma(f, c1);
            c2 = x2.fma(f, c2);
            c3 = x3.fma(f, c3);
            c4 = x4.fma(f, c4);
            f = broadcast(SPECIES, w[wk + 3 * p.wRow()]);
            d1 = x1.fma(f, d1);
            d2 = x2.fma(f, d2);
            d3 = x3.fma(f, d3);
            d4 = x4.fma(f, d4);
        }
        a1.intoArray(y, y0);
        a2.intoArray(y, y0 + LANES);
        a3.intoArray(y, y0 + 2 * LANES);
        a4.intoArray(y, y0 + 3 * LANES);
        b1.intoArray(y, y0 + p.yRow());
        b2.intoArray(y, y0 + p.yRow() + LANES);
        b3.intoArray(y, y0 + p.yRow() + 2 * LANES);
        b4.intoArray(y, y0 + p.yRow() + 3 * LANES);
        c1.intoArray(y, y0 + 2 * p.yRow());
        c2.intoArray(y, y0 + 2 * p.yRow() + LANES);
        c3.intoArray(y, y0 + 2 * p.yRow() + 2 * LANES);
        c4.intoArray(y, y0 + 2 * p.yRow() + 3 * LANES);
        d1.intoArray(y, y0 + 3 * p.yRow());
        d2.intoArray(y, y0 + 3 * p.yRow() + LANES);
        d3.intoArray(y, y0 + 3 * p.yRow() + 2 * LANES);
        d4.intoArray(y, y0 + 3 * p.yRow() + 3 * LANES);
    }

    private static void multiply8x1(
            Product p, float[] w, int w0, float[] start, int s0, float[] x, int x0, float[] y, int y0) {
        FloatVector a1 = begin(start, s0, y, y0);
        FloatVector b1 = begin(start, s0 + 1, y, y0 + p.yRow());
        FloatVector c1 = begin(start, s0 + 2, y, y0 + 2 * p.yRow());
        FloatVector d1 = begin(start, s0 + 3, y, y0 + 3 * p.yRow());
        FloatVector e1 = begin(start, s0 + 4, y, y0 + 4 * p.yRow());
        FloatVector f1 = begin(start, s0 + 5, y, y0 + 5 * p.yRow());
        FloatVector g1 = begin(start, s0 + 6, y, y0 + 6 * p.yRow());
        FloatVector h1 = begin(start, s0 + 7, y, y0 + 7 * p.yRow());
        for (int k = 0; k < p.depth(); k++) {
            int wk = w0 + k * p.wDepth();
            int xk = x0 + k * p.xDepth();
            FloatVector x1 = fromArray(SPECIES, x, xk);
            FloatVector f = broadcast(SPECIES, w[wk]);
            a1 = x1.fma(f, a1);
            f = broadcast(SPECIES, w[wk + p.wRow()]);
            b1 = x1.fma(f, b1);
            f = broadcast(SPECIES, w[wk + 2 * p.wRow()]);
            c1 = x1.fma(f, c1);
            f = broadcast(SPECIES, w[wk + 3 * p.wRow()]);
            d1 = x1.fma(f, d1);
            f = broadcast(SPECIES, w[wk + 4 * p.wRow()]);
            e1 = x1.fma(f, e1);
            f = broadcast(SPECIES, w[wk + 5 * p.wRow()]);
            f1 = x1.fma(f, f1);
            f = broadcast(SPECIES, w[wk + 6 * p.wRow()]);
            g1 = x1.fma(f, g1);
            f = broadcast(SPECIES, w[wk + 7 * p.wRow()]);
            h1 = x1.fma(f, h1);
        }
        a1.intoArray(y, y0);
        b1.intoArray(y, y0 + p.yRow());
        c1.intoArray(y, y0 + 2 * p.yRow());
        d1.intoArray(y, y0 + 3 * p.yRow());
        e1.intoArray(y, y0 + 4 * p.yRow());
        f1.intoArray(y, y0 + 5 * p.yRow());
        g1.intoArray(y, y0 + 6 * p.yRow());
        h1.intoArray(y, y0 + 7 * p.yRow());
    }

    private static void multiply1x1(
            Product p, float[] w, int w0, float[] start, int s0, float[] x, int x0, float[] y, int y0) {
        FloatVector a1 = begin(start, s0, y, y0);
        for (int k = 0; k < p.depth(); k++) {
            int wk = w0 + k * p.wDepth();
            int xk = x0 + k * p.xDepth();
            FloatVector x1 = fromArray(SPECIES, x, xk);
            FloatVector f = broadcast(SPECIES, w[wk]);
            a1 = x1.fma(f, a1);
        }
        a1.intoArray(y, y0);
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
        return broadcast(SPECIES, value);
    }

    @Override
    public void tanhBackward(float[] y, float[] dy, float[] dx, int count) {
        for (int i = 0; i < count; i += LANES) {
            FloatVector v = load(y, i);
            load(dy, i).mul(constant(1).sub(v.mul(v))).intoArray(dx, i);
        }
    }
}
