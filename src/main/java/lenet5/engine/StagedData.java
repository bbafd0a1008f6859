package lenet5.engine;

/** A data set that an {@link Engine} holds ready, as long as the engine is open. */
public interface StagedData {

    /** The number of images. */
    int count();
}
