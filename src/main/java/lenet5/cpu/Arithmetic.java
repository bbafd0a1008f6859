package lenet5.cpu;

import lenet5.nn.Activation;

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

    /** {@code y = f(bias + w * x)}, the 5x5 convolution through its activation; {@code bias[b0 + o]} is map o's. */
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
     * The gradient of {@link #average}: a quarter of each column of dy to each of those it came from, times the derivative
     * of {@code f}, which made x. In the place of x.
     */
    void averageBackward(float[] dy, int y0, Activation f, float[] x, int x0, int columns);

    /**
     * {@code x = f(x)} for {@code count} floats from {@code from} on, a multiple of the lanes; the relative error of tanh is
     * below 4e-7.
     */
    void activate(Activation f, float[] x, int from, int count);

    /**
     * {@code dx = dy} times the derivative of {@code f}, which made x, for {@code count} floats, a multiple of the lanes. In the
     * place of x.
     */
    void activationBackward(float[] dy, Activation f, float[] x, int count);

    /** Vectors where this JVM has the module {@code jdk.incubator.vector}, else loops. */
    static Arithmetic best() {
        return BestArithmetic.INSTANCE;
    }
}
