package lenet5.cpu;

/**
 * One layer's passes over a block: {@link Arithmetic#lanes} images side by side. x is the layer's input and y its output,
 * {@code [features, lanes]}; on the way back dx and dy, the gradients by them, take their places. A layer includes the tanh
 * behind it, and its dy is the gradient by what that tanh was applied to.
 */
interface CpuLayer {

    /** What a layer does in a step. */
    enum Pass {
        FORWARD,
        /** Keeps of a block what learning needs. */
        KEEP,
        BACKWARD,
        LEARN
    }

    /** Computes y. */
    void forward(float[] parameters, float[] x, float[] y);

    /**
     * Keeps what {@link #learn} needs of a block.
     *
     * @param thread the calling worker, for its scratch memory
     * @param block the block's number in the batch
     */
    default void keep(int thread, int block, float[] x, float[] dy) {}

    /**
     * Puts dx into the place of x.
     *
     * @param scratch as long as x at least
     */
    void backward(float[] parameters, float[] x, float[] dy, float[] scratch);

    /** The number of independent tasks of {@link #learn}. */
    default int tasks() {
        return 0;
    }

    /** Adds task {@code task}'s part of the weights' and bias' gradient, summed over the batch in a fixed order, to {@code sum}. */
    default void learn(int task, int batch, float[] sum) {}

    /** Multiply-adds of a pass for one image, of all tasks together. */
    default long multiplyAdds(Pass pass) {
        return 0;
    }
}
