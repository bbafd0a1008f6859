package lenet5.cpu;

import static jdk.incubator.vector.FloatVector.broadcast;
import static jdk.incubator.vector.FloatVector.fromArray;
import static lenet5.cpu.PoolLayer.QUARTER;
import static lenet5.cpu.VectorShape.EXACT;
import static lenet5.cpu.VectorShape.LANES;
import static lenet5.cpu.VectorShape.SPECIES;
import static lenet5.nn.Layer.AveragePool2x2.WINDOW;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import lenet5.nn.Activation;
import lenet5.ops.RationalTanh;

/**
 * Register-blocked vector code of whatever width the machine prefers: a column is one vector, and a block of sums stays in
 * registers while the depth is gone through.
 */
final class VectorArithmetic implements Arithmetic {

    private static final VectorShuffle<Float> BY_8 = shift(8);
    private static final VectorShuffle<Float> BY_4 = shift(4);
    private static final VectorShuffle<Float> BY_2 = shift(2);
    private static final VectorShuffle<Float> BY_1 = shift(1);

    private static final int LIMIT = Float.floatToIntBits(RationalTanh.LIMIT);
    private static final int INFINITY = Float.floatToIntBits(Float.POSITIVE_INFINITY);

    private static VectorShuffle<Float> shift(int lanes) {
        return VectorShuffle.fromOp(SPECIES, lane -> (lane + lanes) % LANES);
    }

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
        int length = g.outputWidth() * LANES;
        for (int row = 0; row < g.outputHeight(); row++) {
            VectorConvolution.convolveRow(g, row, w, w0, bias, b0, x, y);
            for (int map = 0; map < g.outputMaps(); map++) {
                activate(g.activation(), y, map * g.outputMap() + row * length, length);
            }
        }
    }

    @Override
    public void convolveWeights(Convolution g, float[] x, float[] dy, float[] scratch, float[] to, int at) {
        VectorWeightsGradient.convolveWeights(g, x, dy, scratch, to, at);
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
    public float sum(float[] x, int x0, int columns) {
        FloatVector even = constant(0);
        FloatVector odd = constant(0);
        int c = 0;
        for (; c + 2 <= columns; c += 2) {
            even = load(x, x0 + c * LANES).add(even);
            odd = load(x, x0 + (c + 1) * LANES).add(odd);
        }
        if (c < columns) {
            even = load(x, x0 + c * LANES).add(even);
        }
        return sumLanes(EXACT.cast(even).add(odd));
    }

    /** Folds halves onto one another: an order that, unlike that of {@code reduceLanes}, is the same in all code. */
    static float sumLanes(FloatVector v) {
        FloatVector sum = v;
        if (LANES > 8) {
            sum = sum.add(sum.rearrange(BY_8));
        }
        if (LANES > 4) {
            sum = sum.add(sum.rearrange(BY_4));
        }
        if (LANES > 2) {
            sum = sum.add(sum.rearrange(BY_2));
        }
        return sum.add(sum.rearrange(BY_1)).lane(0);
    }

    @Override
    public void average(float[] x, int x0, float[] y, int y0, int columns) {
        int below = x0 + WINDOW * columns * LANES;
        for (int c = 0; c < columns; c++) {
            int at = WINDOW * c * LANES;
            load(x, x0 + at)
                    .add(load(x, x0 + at + LANES))
                    .add(load(x, below + at).add(load(x, below + at + LANES)))
                    .mul(QUARTER)
                    .intoArray(y, y0 + c * LANES);
        }
    }

    @Override
    public void averageBackward(float[] dy, int y0, Activation f, float[] x, int x0, int columns) {
        int below = WINDOW * columns * LANES;
        for (int c = 0; c < columns; c++) {
            int at = x0 + WINDOW * c * LANES;
            FloatVector gradient = load(dy, y0 + c * LANES).mul(QUARTER);
            FloatVector most = gradient.mul(f.derivative());
            FloatVector bend = gradient.mul(f.bend());
            put(most, bend, x, at);
            put(most, bend, x, at + LANES);
            put(most, bend, x, at + below);
            put(most, bend, x, at + below + LANES);
        }
    }

    /** {@code most - bend x^2}. */
    private static void put(FloatVector most, FloatVector bend, float[] x, int at) {
        FloatVector v = load(x, at);
        most.sub(bend.mul(v.mul(v))).intoArray(x, at);
    }

    /** Signs and limit by integers, which take an instruction where minima of floats take five; NaN stays NaN. */
    @Override
    public void activate(Activation f, float[] x, int from, int count) {
        if (f.isIdentity()) {
            return;
        }
        for (int i = from; i < from + count; i += LANES) {
            IntVector bits = load(x, i).mul(f.slope()).reinterpretAsInts();
            IntVector magnitude = bits.and(Integer.MAX_VALUE);
            IntVector nan = magnitude.neg().add(INFINITY).lanewise(VectorOperators.ASHR, Integer.SIZE - 1);
            FloatVector a = magnitude.min(LIMIT).reinterpretAsFloats();
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
            IntVector result = a.mul(p).div(q).mul(f.amplitude()).reinterpretAsInts();
            result.or(bits.and(Integer.MIN_VALUE)).or(nan).reinterpretAsFloats().intoArray(x, i);
        }
    }

    @Override
    public void activationBackward(float[] dy, Activation f, float[] x, int count) {
        for (int i = 0; i < count; i += LANES) {
            FloatVector gradient = load(dy, i);
            put(gradient.mul(f.derivative()), gradient.mul(f.bend()), x, i);
        }
    }

    private static FloatVector constant(float value) {
        return broadcast(SPECIES, value);
    }
}
