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
        VectorProduct.multiply(p, w, w0, start, start0, x, x0, y, y0);
    }

    @Override
    public void multiplyTransposed(Product p, float[] w, int w0, float[] x, int x0, float[] y, int y0) {
        VectorProduct.multiplyTransposed(p, w, w0, x, x0, y, y0);
    }

    private static FloatVector load(float[] values, int at) {
        return fromArray(SPECIES, values, at);
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
