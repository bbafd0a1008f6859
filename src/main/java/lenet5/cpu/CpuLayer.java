package lenet5.cpu;

/**
 * A layer on blocks of images. Activations and gradients of a block are {@code [features, lanes]}. Images of a short batch's
 * missing lanes go along with a gradient of zero.
 */
interface CpuLayer {

    /** Computes a block's output. */
    void forward(float[] parameters, float[] input, float[] output);

    /**
     * Computes the gradient by the input, unless {@code inputGradient} is null, and keeps what {@link #learn} needs.
     *
     * @param thread the calling worker, for its scratch memory
     * @param block the block's number in the batch
     */
    void backward(
            int thread,
            int block,
            float[] parameters,
            float[] input,
            float[] output,
            float[] outputGradient,
            float[] inputGradient);

    /** The number of independent parts of {@link #learn}. */
    default int parts() {
        return 0;
    }

    /** Adds part {@code part} of the weights' and bias' gradient, summed over the batch in a fixed order, to {@code sum}. */
    default void learn(int part, int batch, float[] sum) {}
}
