package lenet5.cpu;

import static lenet5.cpu.PoolLayer.SHARE;
import static lenet5.nn.Layer.AveragePool2x2.WINDOW;
import static lenet5.nn.Layer.Conv5x5.KERNEL;

import java.util.Arrays;

/**
 * Loops that C2 turns into vector code by itself: long, one term a pass, no dependence between iterations; and where columns
 * are too few for that, sums in scalar registers.
 */
final class LoopArithmetic implements Arithmetic {

    private static final int LANES = 16;

    @Override
    public String description() {
        return "plain loops (without the module jdk.incubator.vector)";
    }

    @Override
    public int lanes() {
        return LANES;
    }

    @Override
    public void convolve(Convolution g, float[] w, int w0, float[] bias, int b0, float[] x, float[] y) {
        int length = g.outputWidth() * LANES;
        int[] rows = g.windowRows();
        for (int o = 0; o < g.outputMaps(); o++) {
            for (int r = 0; r < g.outputHeight(); r++) {
                int to = o * g.outputMap() + r * length;
                Arrays.fill(y, to, to + length, bias[b0 + o]);
                for (int k = 0; k < g.weightsPitch(); k++) {
                    int from = rows[k / KERNEL] + (r * g.inputWidth() + k % KERNEL) * LANES;
                    addMultiple(w[w0 + o * g.weightsPitch() + k], x, from, y, to, length);
                }
            }
        }
    }

    @Override
    public void convolveWeights(Convolution g, float[] x, float[] dy, float[] sums) {
        int length = g.outputWidth() * LANES;
        int[] rows = g.windowRows();
        int weights = g.outputMaps() * g.weightsPitch();
        int products = weights * LANES;
        for (int k = 0; k < weights; k++) {
            int tap = k % g.weightsPitch();
            Arrays.fill(sums, products, products + length, 0);
            for (int r = 0; r < g.outputHeight(); r++) {
                int xr = rows[tap / KERNEL] + (r * g.inputWidth() + tap % KERNEL) * LANES;
                int yr = k / g.weightsPitch() * g.outputMap() + r * length;
                addProducts(x, xr, dy, yr, sums, products, length);
            }
            fold(sums, products, length, k * LANES);
        }
    }

    @Override
    public void convolveInput(Convolution g, float[] w, int w0, float[] dy, float[] dx) {
        int length = g.outputWidth() * LANES;
        int[] rows = g.windowRows();
        Arrays.fill(dx, 0, g.inputMaps() * g.inputMap(), 0);
        for (int o = 0; o < g.outputMaps(); o++) {
            for (int r = 0; r < g.outputHeight(); r++) {
                int from = o * g.outputMap() + r * length;
                for (int k = 0; k < g.weightsPitch(); k++) {
                    int to = rows[k / KERNEL] + (r * g.inputWidth() + k % KERNEL) * LANES;
                    addMultiple(w[w0 + o * g.weightsPitch() + k], dy, from, dx, to, length);
                }
            }
        }
    }

    @Override
    public void multiply(
            Product p, float[] w, int w0, float[] start, int start0, float[] x, int x0, float[] y, int y0) {
        int length = p.columns() * LANES;
        for (int j = 0; j < p.rows() && start != null; j++) {
            Arrays.fill(y, y0 + j * p.yRow(), y0 + j * p.yRow() + length, start[start0 + j]);
        }
        if (p.columns() == 1) {
            addColumn(p, w, w0, x, x0, y, y0);
        } else {
            for (int j = 0; j < p.rows(); j++) {
                for (int k = 0; k < p.depth(); k++) {
                    addMultiple(w[w0 + j * p.wRow() + k], x, x0 + k * p.xDepth(), y, y0 + j * p.yRow(), length);
                }
            }
        }
    }

    @Override
    public void multiplyTransposed(Product p, float[] w, int w0, float[] x, int x0, float[] y, int y0) {
        int length = p.columns() * LANES;
        for (int j = 0; j < p.rows(); j++) {
            int to = y0 + j * p.yRow();
            Arrays.fill(y, to, to + length, 0);
            for (int k = 0; k < p.depth(); k++) {
                addMultiple(w[w0 + k * p.wRow() + j], x, x0 + k * p.xDepth(), y, to, length);
            }
        }
    }

    /** With more than one term C2 gives up vectorizing. */
    private static void addMultiple(float factor, float[] x, int xk, float[] y, int yj, int length) {
        for (int c = 0; c < length; c++) {
            y[yj + c] += factor * x[xk + c];
        }
    }

    /** A single column is too short for vector loops; sums in scalar registers do better. */
    private static void addColumn(Product p, float[] w, int w0, float[] x, int xq, float[] y, int yq) {
        int j = 0;
        for (; j + 4 <= p.rows(); j += 4) {
            for (int lane = 0; lane < LANES; lane += 4) {
                add4x4(p, w, w0 + j * p.wRow(), x, xq + lane, y, yq + j * p.yRow() + lane);
            }
        }
        for (; j < p.rows(); j++) {
            for (int lane = 0; lane < LANES; lane += 4) {
                add1x4(p, w, w0 + j * p.wRow(), x, xq + lane, y, yq + j * p.yRow() + lane);
            }
        }
    }

    private static void add4x4(Product p, float[] w, int wa, float[] x, int xq, float[] y, int ya) {
        int wb = wa + p.wRow();
        int wc = wb + p.wRow();
        int wd = wc + p.wRow();
        int yb = ya + p.yRow();
        int yc = yb + p.yRow();
        int yd = yc + p.yRow();
        float a1 = y[ya];
        float a2 = y[ya + 1];
        float a3 = y[ya + 2];
        float a4 = y[ya + 3];
        float b1 = y[yb];
        float b2 = y[yb + 1];
        float b3 = y[yb + 2];
        float b4 = y[yb + 3];
        float c1 = y[yc];
        float c2 = y[yc + 1];
        float c3 = y[yc + 2];
        float c4 = y[yc + 3];
        float d1 = y[yd];
        float d2 = y[yd + 1];
        float d3 = y[yd + 2];
        float d4 = y[yd + 3];
        for (int k = 0; k < p.depth(); k++) {
            int xk = xq + k * p.xDepth();
            int wk = k;
            float x1 = x[xk];
            float x2 = x[xk + 1];
            float x3 = x[xk + 2];
            float x4 = x[xk + 3];
            float f = w[wa + wk];
            a1 += f * x1;
            a2 += f * x2;
            a3 += f * x3;
            a4 += f * x4;
            f = w[wb + wk];
            b1 += f * x1;
            b2 += f * x2;
            b3 += f * x3;
            b4 += f * x4;
            f = w[wc + wk];
            c1 += f * x1;
            c2 += f * x2;
            c3 += f * x3;
            c4 += f * x4;
            f = w[wd + wk];
            d1 += f * x1;
            d2 += f * x2;
            d3 += f * x3;
            d4 += f * x4;
        }
        y[ya] = a1;
        y[ya + 1] = a2;
        y[ya + 2] = a3;
        y[ya + 3] = a4;
        y[yb] = b1;
        y[yb + 1] = b2;
        y[yb + 2] = b3;
        y[yb + 3] = b4;
        y[yc] = c1;
        y[yc + 1] = c2;
        y[yc + 2] = c3;
        y[yc + 3] = c4;
        y[yd] = d1;
        y[yd + 1] = d2;
        y[yd + 2] = d3;
        y[yd + 3] = d4;
    }

    private static void add1x4(Product p, float[] w, int wj, float[] x, int xq, float[] y, int yj) {
        float a1 = y[yj];
        float a2 = y[yj + 1];
        float a3 = y[yj + 2];
        float a4 = y[yj + 3];
        for (int k = 0; k < p.depth(); k++) {
            int xk = xq + k * p.xDepth();
            float f = w[wj + k];
            a1 += f * x[xk];
            a2 += f * x[xk + 1];
            a3 += f * x[xk + 2];
            a4 += f * x[xk + 3];
        }
        y[yj] = a1;
        y[yj + 1] = a2;
        y[yj + 2] = a3;
        y[yj + 3] = a4;
    }

    private static void addProducts(float[] x, int xq, float[] y, int yq, float[] sums, int at, int length) {
        for (int c = 0; c < length; c++) {
            sums[at + c] += y[yq + c] * x[xq + c];
        }
    }

    private static void fold(float[] sums, int from, int length, int to) {
        Arrays.fill(sums, to, to + LANES, 0);
        for (int c = from; c < from + length; c += LANES) {
            for (int lane = 0; lane < LANES; lane++) {
                sums[to + lane] += sums[c + lane];
            }
        }
    }

    @Override
    public void sum(float[] x, int x0, int columns, float[] sum) {
        Arrays.fill(sum, 0, LANES, 0);
        for (int c = x0; c < x0 + columns * LANES; c += LANES) {
            for (int lane = 0; lane < LANES; lane++) {
                sum[lane] += x[c + lane];
            }
        }
    }

    @Override
    public void average(float[] x, int x0, float[] y, int y0, int columns) {
        int row = WINDOW * columns * LANES;
        for (int c = 0; c < columns; c++) {
            int at = x0 + WINDOW * c * LANES;
            for (int lane = 0; lane < LANES; lane++) {
                float above = x[at + lane] + x[at + LANES + lane];
                float below = x[at + row + lane] + x[at + row + LANES + lane];
                y[y0 + c * LANES + lane] = (above + below) * SHARE;
            }
        }
    }

    @Override
    public void share(float[] dy, int y0, float[] dx, int x0, int columns) {
        int row = WINDOW * columns * LANES;
        for (int c = 0; c < columns; c++) {
            int at = x0 + WINDOW * c * LANES;
            for (int lane = 0; lane < LANES; lane++) {
                float share = dy[y0 + c * LANES + lane] * SHARE;
                dx[at + lane] = share;
                dx[at + LANES + lane] = share;
                dx[at + row + lane] = share;
                dx[at + row + LANES + lane] = share;
            }
        }
    }

    @Override
    public void tanh(float[] x, float[] y, int count) {
        for (int i = 0; i < count; i++) {
            float a = Math.max(-RationalTanh.LIMIT, Math.min(RationalTanh.LIMIT, x[i]));
            float u = a * a;
            float p = (((RationalTanh.P4 * u + RationalTanh.P3) * u + RationalTanh.P2) * u + RationalTanh.P1) * u
                    + RationalTanh.P0;
            float q = (((RationalTanh.Q4 * u + RationalTanh.Q3) * u + RationalTanh.Q2) * u + RationalTanh.Q1) * u
                    + RationalTanh.Q0;
            y[i] = Math.max(-1, Math.min(1, a * p / q));
        }
    }

    @Override
    public void tanhBackward(float[] y, float[] dy, float[] dx, int count) {
        for (int i = 0; i < count; i++) {
            dx[i] = dy[i] * (1 - y[i] * y[i]);
        }
    }
}
