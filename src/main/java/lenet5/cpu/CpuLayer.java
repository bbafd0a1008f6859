package lenet5.cpu;

/**
 * One layer's passes over a block: {@link Arithmetic#lanes} images side by side. Arrays of activations and their gradients
 * are {@code [features, lanes]}.
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

    /** Computes a block's output. */
    void forward(float[] parameters, float[] input, float[] output);

    /**
     * Keeps what {@link #learn} needs of a block.
     *
     * @param thread the calling worker, for its scratch memory
     * @param block the block's number in the batch
     */
    default void keep(int thread, int block, float[] input, float[] outputGradient) {}

    /** Computes the gradient by the input. */
    void backward(float[] parameters, float[] output, float[] outputGradient, float[] inputGradient);

    /** The number of independent parts of {@link #learn}. */
    default int parts() {
        return 0;
    }

    /** Adds part {@code part} of the weights' and bias' gradient, summed over the batch in a fixed order, to {@code sum}. */
    default void learn(int part, int batch, float[] sum) {}

    /** Multiply-adds of a pass for one image, of all parts together. */
    default long multiplyAdds(Pass pass) {
        return 0;
    }
}
