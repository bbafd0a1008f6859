package lenet5.engine;

/**
 * What an engine is prepared for.
 *
 * @param batchSize images a training step, 1 to {@link #MAX_BATCH}
 * @param learningRate of plain SGD, positive
 */
public record Settings(int batchSize, float learningRate) {

    /** All of MNIST in one step; a batch's largest tensor still has fewer than 2^31 elements. */
    public static final int MAX_BATCH = 65_536;

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException naming the setting out of range
     */
    public Settings {
        if (batchSize < 1 || batchSize > MAX_BATCH) {
            throw new IllegalArgumentException("batch size " + batchSize + ", expected 1 to " + MAX_BATCH);
        }
        if (!(learningRate > 0) || Float.isInfinite(learningRate)) {
            throw new IllegalArgumentException("learning rate " + learningRate + ", expected a positive number");
        }
    }
}
