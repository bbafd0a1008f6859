package lenet5.cpu;

import java.util.Arrays;

/**
 * Loops that C2 turns into vector code by itself: long, without dependencies between iterations, several terms a pass so
 * that sums are loaded and stored seldom.
 */
final class LoopArithmetic implements Arithmetic {

    private static final int LANES = 16;
    /** Terms added to a sum in one pass: a row of a convolution's taps. */
    private static final int TERMS = 5;

    @Override
    public String description() {
        return "plain loops";
    }

    @Override
    public int lanes() {
        return LANES;
    }

    @Override
    public void multiply(
            Product p, float[] w, int w0, float[] start, int start0, float[] x, int x0, float[] y, int y0) {
        int length = p.run() * LANES;
        for (int q = 0; q < p.columns(); q += p.run()) {
            int xq = x0 + p.xColumn()[q];
            for (int j = 0; j < p.rows(); j++) {
                int yq = y0 + j * p.yRow() + p.yColumn()[q];
                if (start != null) {
                    Arrays.fill(y, yq, yq + length, start[start0 + j]);
                }
                addTerms(p, w, w0 + j * p.wRow(), x, xq, y, yq, length);
            }
        }
    }

    private static void addTerms(Product p, float[] w, int wj, float[] x, int xq, float[] y, int yq, int length) {
        int[] wDepth = p.wDepth();
        int[] xDepth = p.xDepth();
        int k = 0;
        for (; k + TERMS <= p.depth(); k += TERMS) {
            addFive(
                    w[wj + wDepth[k]],
                    w[wj + wDepth[k + 1]],
                    w[wj + wDepth[k + 2]],
                    w[wj + wDepth[k + 3]],
                    w[wj + wDepth[k + 4]],
                    x,
                    xq + xDepth[k],
                    xq + xDepth[k + 1],
                    xq + xDepth[k + 2],
                    xq + xDepth[k + 3],
                    xq + xDepth[k + 4],
                    y,
                    yq,
                    length);
        }
        for (; k < p.depth(); k++) {
            float wk = w[wj + wDepth[k]];
            int xk = xq + xDepth[k];
            for (int c = 0; c < length; c++) {
                y[yq + c] += wk * x[xk + c];
            }
        }
    }

    private static void addFive(
            float a,
            float b,
            float c,
            float d,
            float e,
            float[] x,
            int xa,
            int xb,
            int xc,
            int xd,
            int xe,
            float[] y,
            int yq,
            int length) {
        for (int i = 0; i < length; i++) {
            y[yq + i] += a * x[xa + i] + b * x[xb + i] + c * x[xc + i] + d * x[xd + i] + e * x[xe + i];
        }
    }

    @Override
    public void correlate(Product p, float[] x, int x0, float[] y, int y0, float[] sums) {
        int length = p.run() * LANES;
        int products = p.rows() * p.depth() * LANES;
        for (int j = 0; j < p.rows(); j++) {
            for (int k = 0; k < p.depth(); k++) {
                Arrays.fill(sums, products, products + length, 0);
                for (int q = 0; q < p.columns(); q += p.run()) {
                    int xq = x0 + p.xDepth()[k] + p.xColumn()[q];
                    int yq = y0 + j * p.yRow() + p.yColumn()[q];
                    addProducts(x, xq, y, yq, sums, products, length);
                }
                fold(sums, products, length, (j * p.depth() + k) * LANES);
            }
        }
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
