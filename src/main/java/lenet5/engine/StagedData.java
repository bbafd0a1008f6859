package lenet5.engine;

import java.util.Arrays;

/** A data set that an {@link Engine} holds ready, as long as the engine is open. */
public interface StagedData {

    /** The number of images. */
    int count();

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
