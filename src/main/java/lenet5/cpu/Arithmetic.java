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

    /**
     * {@code y[j, q] = start[j] + sum over k of w[j, k] x[k, q]}; see {@link Product}.
     *
     * @param w0 where w begins in its array; likewise the others
     * @param start what each row starts from, or null: what y holds
     */
    void multiply(Product p, float[] w, int w0, float[] start, int start0, float[] x, int x0, float[] y, int y0);

    /**
     * {@code sums[j, k, lane] = sum over q of w[j, q, lane] x[k, q, lane]}: the transposed product, lanes kept apart. Here y
     * of the pattern is the left factor.
     *
     * @param sums {@code [rows, depth, lanes]}, and behind it room for {@code run} more columns
     */
    void correlate(Product p, float[] x, int x0, float[] y, int y0, float[] sums);

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

    /** The best of this JVM: vectors where the module {@code jdk.incubator.vector} is there, else loops. */
    static Arithmetic best() {
        return Vectors.INSTANCE != null ? Vectors.INSTANCE : new LoopArithmetic();
    }
}
