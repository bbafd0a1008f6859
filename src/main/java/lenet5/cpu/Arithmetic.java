package lenet5.cpu;

/**
 * The arithmetic of the fast CPU engine, on arrays in which every feature is a column of {@link #lanes} images. Every sum
 * has a fixed order, so results do not depend on the number of threads.
 */
interface Arithmetic {

    /** What {@link #convolveWeights} works in. */
    int SCRATCH_COLUMNS = 20;

    /** What it is, for people. */
    String description();

    /** Images side by side in a column. */
    int lanes();

    /** {@code y = bias + w * x}, the 5x5 convolution, or tanh of it; {@code bias[b0 + o]} is map o's. */
    void convolve(Convolution g, float[] w, int w0, float[] bias, int b0, float[] x, float[] y);

    /**
     * The convolution's gradient by its weights, summed over the lanes: {@code to[at + (o, i, u, v)] = sum over r, c, lane of
     * dy[o, r, c, lane] x[i, r + u, c + v, lane]}.
     *
     * @param scratch at least {@link #SCRATCH_COLUMNS} columns
     */
    void convolveWeights(Convolution g, float[] x, float[] dy, float[] scratch, float[] to, int at);

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

    /** The sum of all lanes of {@code columns} neighbouring columns of x from x0 on. */
    float sum(float[] x, int x0, int columns);

    /**
     * One row of 2x2 average pooling: y is {@code columns} columns from y0 on, x the two rows of twice as many from x0 on,
     * one behind the other.
     */
    void average(float[] x, int x0, float[] y, int y0, int columns);

    /**
     * The gradient of {@link #average}: each column of dy in four equal shares to those it came from; if x is {@code squashed},
     * that is tanh's, times 1 - x^2. In the place of x.
     */
    void share(float[] dy, int y0, float[] x, int x0, int columns, boolean squashed);

    /** {@code y = tanh(x)} for {@code count} floats from {@code from} on, a multiple of the lanes; relative error below 4e-7. */
    void tanh(float[] x, float[] y, int from, int count);

    /** {@code dx = dy (1 - x^2)} for {@code count} floats, a multiple of the lanes, in the place of x, which is tanh's. */
    void tanhBackward(float[] dy, float[] x, int count);

    /** Vectors where this JVM has the module {@code jdk.incubator.vector}, else loops. */
    static Arithmetic best() {
        return BestArithmetic.INSTANCE;
    }
}
