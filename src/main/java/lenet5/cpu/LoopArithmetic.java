package lenet5.cpu;

import static lenet5.cpu.PoolLayer.QUARTER;
import static lenet5.nn.Layer.AveragePool2x2.WINDOW;
import static lenet5.nn.Layer.Conv5x5.KERNEL;

import java.util.Arrays;
import lenet5.nn.Activation;
import lenet5.ops.RationalTanh;

/**
 * Loops that C2 turns into vector code by itself. It does so only where all arrays are indexed alike, up to constants, so rows
 * are first copied to where they begin at index 0; and a loop stores to one array only, since others might be the same.
 */
final class LoopArithmetic implements Arithmetic {

    private static final int LANES = 16;
    private static final int FRAME = KERNEL - 1;
    /** Rows that are combined at a time. */
    private static final int TERMS = 4;

    /** The rows that a thread works in. */
    private final ThreadLocal<float[][]> rows = ThreadLocal.withInitial(() -> new float[0][0]);

    @Override
    public String description() {
        return "plain loops (without the module jdk.incubator.vector)";
    }

    @Override
    public int lanes() {
        return LANES;
    }

    /** At least {@code count} rows of at least {@code length} floats; what they hold is arbitrary. */
    private float[][] rows(int count, int length) {
        float[][] have = rows.get();
        int longest = have.length == 0 ? 0 : have[0].length;
        if (have.length < count || longest < length) {
            have = new float[Math.max(count, have.length)][Math.max(length, longest)];
            rows.set(have);
        }
        return have;
    }

    /** {@code sums[c] += f[at] row[c] + f[at + 1] row[c + lanes] + ...}: a row of taps slides over a row. */
    private static void slide(float[] f, int at, int step, float[] row, float[] sums, int length) {
        float f0 = f[at];
        float f1 = f[at + step];
        float f2 = f[at + 2 * step];
        float f3 = f[at + 3 * step];
        float f4 = f[at + 4 * step];
        for (int c = 0; c < length; c++) {
            sums[c] = sums[c]
                    + f0 * row[c]
                    + f1 * row[c + LANES]
                    + f2 * row[c + 2 * LANES]
                    + f3 * row[c + 3 * LANES]
                    + f4 * row[c + 4 * LANES];
        }
    }

    /** {@code sums += f0 r0 + f1 r1 + f2 r2 + f3 r3}, number by number. */
    private static void combine(
            float f0,
            float f1,
            float f2,
            float f3,
            float[] r0,
            float[] r1,
            float[] r2,
            float[] r3,
            float[] sums,
            int length) {
        for (int c = 0; c < length; c++) {
            sums[c] = sums[c] + f0 * r0[c] + f1 * r1[c] + f2 * r2[c] + f3 * r3[c];
        }
    }

    /** {@code sums += a0 b0 + a1 b1}, number by number. */
    private static void multiply(float[] a0, float[] b0, float[] a1, float[] b1, float[] sums, int length) {
        for (int c = 0; c < length; c++) {
            sums[c] = sums[c] + a0[c] * b0[c] + a1[c] * b1[c];
        }
    }

    @Override
    public void convolve(Convolution g, float[] w, int w0, float[] bias, int b0, float[] x, float[] y) {
        int length = g.outputWidth() * LANES;
        int inputLength = g.inputWidth() * LANES;
        float[][] sums = rows(g.outputMaps() + 1, inputLength);
        float[] row = sums[g.outputMaps()];
        int[] windowRows = g.windowRows();
        for (int r = 0; r < g.outputHeight(); r++) {
            for (int o = 0; o < g.outputMaps(); o++) {
                Arrays.fill(sums[o], 0, length, bias[b0 + o]);
            }
            for (int p = 0; p < windowRows.length; p++) {
                System.arraycopy(x, windowRows[p] + r * inputLength, row, 0, inputLength);
                for (int o = 0; o < g.outputMaps(); o++) {
                    slide(w, w0 + o * g.weightsPitch() + p * KERNEL, 1, row, sums[o], length);
                }
            }
            for (int o = 0; o < g.outputMaps(); o++) {
                activate(g.activation(), sums[o], 0, length);
                System.arraycopy(sums[o], 0, y, o * g.outputMap() + r * length, length);
            }
        }
    }

    @Override
    public void convolveWeights(Convolution g, float[] x, float[] dy, float[] scratch, float[] to, int at) {
        int length = g.outputWidth() * LANES;
        int height = g.outputHeight();
        int gradients = g.outputMaps() * height;
        float[][] rows = rows(gradients + g.inputHeight() + 1, length);
        float[] sums = rows[gradients + g.inputHeight()];
        for (int r = 0; r < gradients; r++) {
            System.arraycopy(dy, r * length, rows[r], 0, length);
        }
        for (int tap = 0; tap < g.inputMaps() * KERNEL; tap++) {
            int i = tap / KERNEL;
            int v = tap % KERNEL;
            for (int r = 0; r < g.inputHeight(); r++) {
                int from = i * g.inputMap() + (r * g.inputWidth() + v) * LANES;
                System.arraycopy(x, from, rows[gradients + r], 0, length);
            }
            for (int o = 0; o < g.outputMaps(); o++) {
                for (int u = 0; u < KERNEL; u++) {
                    Arrays.fill(sums, 0, length, 0);
                    int r = 0;
                    for (; r + 2 <= height; r += 2) {
                        int a = o * height + r;
                        int b = gradients + r + u;
                        multiply(rows[a], rows[b], rows[a + 1], rows[b + 1], sums, length);
                    }
                    float sum = sum(sums, 0, g.outputWidth());
                    for (int c = 0; c < length && r < height; c++) {
                        sum += rows[o * height + r][c] * rows[gradients + r + u][c];
                    }
                    to[at + o * g.weightsPitch() + (i * KERNEL + u) * KERNEL + v] = sum;
                }
            }
        }
    }

    @Override
    public void convolveInput(Convolution g, float[] w, int w0, float[] dy, float[] dx) {
        int length = g.outputWidth() * LANES;
        int inputLength = g.inputWidth() * LANES;
        int frame = FRAME * LANES;
        float[][] sums = rows(g.inputMaps() + 1, inputLength + frame);
        float[] framed = sums[g.inputMaps()];
        Arrays.fill(framed, 0, inputLength + frame, 0);
        for (int row = 0; row < g.inputHeight(); row++) {
            for (int i = 0; i < g.inputMaps(); i++) {
                Arrays.fill(sums[i], 0, inputLength, 0);
            }
            for (int o = 0; o < g.outputMaps(); o++) {
                for (int u = Math.max(0, row - g.outputHeight() + 1); u < Math.min(KERNEL, row + 1); u++) {
                    System.arraycopy(dy, o * g.outputMap() + (row - u) * length, framed, frame, length);
                    for (int i = 0; i < g.inputMaps(); i++) {
                        int last = w0 + o * g.weightsPitch() + (i * KERNEL + u) * KERNEL + FRAME;
                        slide(w, last, -1, framed, sums[i], inputLength);
                    }
                }
            }
            for (int i = 0; i < g.inputMaps(); i++) {
                System.arraycopy(sums[i], 0, dx, i * g.inputMap() + row * inputLength, inputLength);
            }
        }
    }

    /** In rows of columns if there are many, else image by image in rows of outputs. */
    @Override
    public void multiply(
            Product p, float[] w, int w0, float[] start, int start0, float[] x, int x0, float[] y, int y0) {
        if (start != null) {
            for (int j = 0; j < p.rows(); j++) {
                int to = y0 + j * p.yRow();
                Arrays.fill(y, to, to + p.columns() * LANES, start[start0 + j]);
            }
        }
        if (p.columns() == 1) {
            addColumn(p, w, w0, p.wRow(), 1, x, x0, y, y0);
            return;
        }
        int length = p.columns() * LANES;
        float[][] r = rows(TERMS + p.rows(), length);
        for (int j = 0; j < p.rows(); j++) {
            System.arraycopy(y, y0 + j * p.yRow(), r[TERMS + j], 0, length);
        }
        for (int k = 0; k < p.depth(); k += TERMS) {
            for (int t = 0; t < TERMS; t++) {
                System.arraycopy(x, x0 + Math.min(k + t, p.depth() - 1) * p.xDepth(), r[t], 0, length);
            }
            for (int j = 0; j < p.rows(); j++) {
                add(w, w0 + j * p.wRow() + k, 1, p.depth() - k, r, r[TERMS + j], length);
            }
        }
        for (int j = 0; j < p.rows(); j++) {
            System.arraycopy(r[TERMS + j], 0, y, y0 + j * p.yRow(), length);
        }
    }

    @Override
    public void multiplyTransposed(Product p, float[] w, int w0, float[] x, int x0, float[] y, int y0) {
        for (int j = 0; j < p.rows(); j++) {
            int to = y0 + j * p.yRow();
            Arrays.fill(y, to, to + p.columns() * LANES, 0);
        }
        for (int q = 0; q < p.columns(); q++) {
            addColumn(p, w, w0, 1, p.wRow(), x, x0 + q * LANES, y, y0 + q * LANES);
        }
    }

    /** {@code y[j, n] += sum over k of w[j wRow + k wDepth] x[k, n]}, one image n after the other in rows of all j. */
    private void addColumn(Product p, float[] w, int w0, int wRow, int wDepth, float[] x, int x0, float[] y, int y0) {
        float[][] r = rows(TERMS + LANES, p.rows());
        for (int n = 0; n < LANES; n++) {
            for (int j = 0; j < p.rows(); j++) {
                r[TERMS + n][j] = y[y0 + j * p.yRow() + n];
            }
        }
        for (int k = 0; k < p.depth(); k += TERMS) {
            for (int t = 0; t < TERMS; t++) {
                int from = w0 + Math.min(k + t, p.depth() - 1) * wDepth;
                for (int j = 0; j < p.rows(); j++) {
                    r[t][j] = w[from + j * wRow];
                }
            }
            for (int n = 0; n < LANES; n++) {
                add(x, x0 + k * p.xDepth() + n, p.xDepth(), p.depth() - k, r, r[TERMS + n], p.rows());
            }
        }
        for (int n = 0; n < LANES; n++) {
            for (int j = 0; j < p.rows(); j++) {
                y[y0 + j * p.yRow() + n] = r[TERMS + n][j];
            }
        }
    }

    /** Adds the first rows, {@code left} of them at most, times factors {@code step} apart. */
    private static void add(float[] f, int at, int step, int left, float[][] r, float[] sums, int length) {
        float f1 = left > 1 ? f[at + step] : 0;
        float f2 = left > 2 ? f[at + 2 * step] : 0;
        float f3 = left > 3 ? f[at + 3 * step] : 0;
        combine(f[at], f1, f2, f3, r[0], r[1], r[2], r[3], sums, length);
    }

    @Override
    public float sum(float[] x, int x0, int columns) {
        float a = 0;
        float b = 0;
        float c = 0;
        float d = 0;
        for (int i = x0; i < x0 + columns * LANES; i += 4) {
            a += x[i];
            b += x[i + 1];
            c += x[i + 2];
            d += x[i + 3];
        }
        return a + b + (c + d);
    }

    @Override
    public void average(float[] x, int x0, float[] y, int y0, int columns) {
        int below = WINDOW * columns * LANES;
        for (int c = 0; c < columns; c++) {
            int at = x0 + WINDOW * c * LANES;
            for (int lane = 0; lane < LANES; lane++, at++) {
                y[y0 + c * LANES + lane] = (x[at] + x[at + LANES] + (x[at + below] + x[at + below + LANES])) * QUARTER;
            }
        }
    }

    @Override
    public void averageBackward(float[] dy, int y0, Activation f, float[] x, int x0, int columns) {
        int below = WINDOW * columns * LANES;
        for (int c = 0; c < columns; c++) {
            int at = x0 + WINDOW * c * LANES;
            for (int lane = 0; lane < LANES; lane++, at++) {
                float gradient = dy[y0 + c * LANES + lane] * QUARTER;
                float most = gradient * f.derivative();
                float bend = gradient * f.bend();
                x[at] = most - bend * x[at] * x[at];
                x[at + LANES] = most - bend * x[at + LANES] * x[at + LANES];
                x[at + below] = most - bend * x[at + below] * x[at + below];
                x[at + below + LANES] = most - bend * x[at + below + LANES] * x[at + below + LANES];
            }
        }
    }

    @Override
    public void activate(Activation f, float[] x, int from, int count) {
        if (f.isIdentity()) {
            return;
        }
        float amplitude = f.amplitude();
        float slope = f.slope();
        for (int i = from; i < from + count; i++) {
            float a = Math.max(-RationalTanh.LIMIT, Math.min(RationalTanh.LIMIT, slope * x[i]));
            float u = a * a;
            float p = (((RationalTanh.P4 * u + RationalTanh.P3) * u + RationalTanh.P2) * u + RationalTanh.P1) * u
                    + RationalTanh.P0;
            float q = (((RationalTanh.Q4 * u + RationalTanh.Q3) * u + RationalTanh.Q2) * u + RationalTanh.Q1) * u
                    + RationalTanh.Q0;
            x[i] = amplitude * (a * p / q);
        }
    }

    @Override
    public void activationBackward(float[] dy, Activation f, float[] x, int count) {
        float derivative = f.derivative();
        float bend = f.bend();
        for (int i = 0; i < count; i++) {
            x[i] = dy[i] * (derivative - bend * x[i] * x[i]);
        }
    }
}
