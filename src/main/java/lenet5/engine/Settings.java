package lenet5.engine;

/**
 * What an engine is prepared for.
 *
 * @param batchSize images a training step, at least 1
 * @param learningRate of plain SGD, positive
 */
public record Settings(int batchSize, float learningRate) {

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException naming the setting out of range
     */
    public Settings {
        if (batchSize < 1) {
            throw new IllegalArgumentException("batch size " + batchSize + ", expected at least 1");
        }
        if (!(learningRate > 0) || Float.isInfinite(learningRate)) {
            throw new IllegalArgumentException("learning rate " + learningRate + ", expected a positive number");
        }
    }
}
