package lenet5.cpu;

/**
 * The arithmetic of the fast CPU engine, on arrays in which every feature is a column of {@link #lanes} images. Every sum
 * has a fixed order, so results do not depend on the number of threads.
 */
interface Arithmetic {

    /** What it is, for people. */
    String description();

    /** Images side by side in a column. */
    int lanes();

    /** {@code y = start + w * x}, the 5x5 convolution; {@code bias[b0 + o]} is where map o starts from. */
    void convolve(Convolution g, float[] w, int w0, float[] bias, int b0, float[] x, float[] y);

    /**
     * The convolution's gradient by its weights, lanes kept apart: {@code sums[o, i, u, v, lane] = sum over r, c of
     * dy[o, r, c, lane] x[i, r + u, c + v, lane]}.
     */
    void convolveWeights(Convolution g, float[] x, float[] dy, float[] sums);

    /** The convolution's gradient by its input: {@code dx[i, r + u, c + v] += w[o, i, u, v] dy[o, r, c]}, from zero. */
    void convolveInput(Convolution g, float[] w, int w0, float[] dy, float[] dx);

    /**
     * {@code y[j, q] = start[j] + sum over k of w[j, k] x[k, q]}; see {@link Product}.
     *
     * @param w0 where w begins in its array; likewise the others
     * @param start what each row starts from, or null: what y holds
     */
    void multiply(Product p, float[] w, int w0, float[] start, int start0, float[] x, int x0, float[] y, int y0);

    /** {@code y[j, q] = sum over k of w[k, j] x[k, q]}; {@code wRow} is the distance of w's rows k. */
    void multiplyTransposed(Product p, float[] w, int w0, float[] x, int x0, float[] y, int y0);

    /** {@code sum[lane] =} the sum of {@code columns} neighbouring columns of x from x0 on, lanes kept apart. */
    void sum(float[] x, int x0, int columns, float[] sum);

    /**
     * One row of 2x2 average pooling: y is {@code columns} columns from y0 on, x the two rows of twice as many from x0 on,
     * one behind the other.
     */
    void average(float[] x, int x0, float[] y, int y0, int columns);

    /** The gradient of {@link #average}: each column of dy in four equal shares to those it came from. */
    void share(float[] dy, int y0, float[] dx, int x0, int columns);

    /** {@code y = tanh(x)} for {@code count} floats, a multiple of the lanes; relative error below 3e-7. */
    void tanh(float[] x, float[] y, int count);

    /** {@code dx = dy (1 - y^2)} for {@code count} floats, a multiple of the lanes. */
    void tanhBackward(float[] y, float[] dy, float[] dx, int count);

    /** Vectors where this JVM has the module {@code jdk.incubator.vector}, else loops. */
    static Arithmetic best() {
        return BestArithmetic.INSTANCE;
    }
}
