package lenet5.engine;

import java.util.Arrays;

/**
 * A data set that an {@link Engine} holds ready until either is closed. Closing it twice, or after the engine, does nothing;
 * what uses it afterwards throws {@link IllegalStateException}.
 */
public interface StagedData extends AutoCloseable {

    /** The number of images. */
    int count();

    /**
     * Replaces each image by a random variant of the one that was staged: shifted, turned, stretched, slanted and bent a
     * little. Seed, epoch and the image's index decide how, the same on every engine.
     */
    void augment(long seed, int epoch);

    /** Frees the memory that it takes; the engine stays open. */
    @Override
    void close();

    /**
     * Refuses an order that does not go with the images.
     *
     * @throws IllegalArgumentException if it is longer than the data, or an index is not one of an image
     */
    default void requireOrder(int[] indices) {
        if (indices.length > count() || Arrays.stream(indices).anyMatch(index -> index < 0 || index >= count())) {
            throw new IllegalArgumentException(
                    "an order of " + indices.length + " images does not go with " + count() + " staged ones");
        }
    }
}
