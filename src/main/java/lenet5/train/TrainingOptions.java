package lenet5.train;

/**
 * What a training run is told.
 *
 * @param epochs passes over the training images, at least 1
 * @param seed of the initial parameters and of every epoch's shuffle
 */
public record TrainingOptions(int epochs, long seed) {

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException naming the option out of range
     */
    public TrainingOptions {
        if (epochs < 1) {
            throw new IllegalArgumentException("epochs " + epochs + ", expected at least 1");
        }
    }
}
