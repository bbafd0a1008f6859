package lenet5.train;

/**
 * What a training run is told.
 *
 * @param epochs passes over the training images, 1 to {@link #MAX_EPOCHS}
 * @param seed of the initial parameters and of every epoch's shuffle and augmentation
 * @param patience epochs without a lower validation loss after which training stops; 0: it never stops early
 * @param augment whether each epoch trains on random variants of the images
 */
public record TrainingOptions(int epochs, long seed, int patience, boolean augment) {

    /** Bounds the history that a checkpoint carries, 6.4 MB. */
    public static final int MAX_EPOCHS = 100_000;

    /**
     * Checks the ranges.
     *
     * @throws IllegalArgumentException naming the option out of range
     */
    public TrainingOptions {
        if (epochs < 1 || epochs > MAX_EPOCHS) {
            throw new IllegalArgumentException("epochs " + epochs + ", expected 1 to " + MAX_EPOCHS);
        }
        if (patience < 0) {
            throw new IllegalArgumentException("patience " + patience + ", expected at least 0");
        }
    }
}
