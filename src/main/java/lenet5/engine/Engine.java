package lenet5.engine;

import lenet5.data.LabeledImages;
import lenet5.data.Normalization;
import lenet5.nn.Parameters;

/**
 * One network on one place. Data is staged once; an epoch is one call. The same parameters, data and order give the same
 * bits on every run of one engine, and the same numbers up to rounding on every engine. Confined to one thread.
 */
public interface Engine extends AutoCloseable {

    /** The engine's kind, as the command line names it. */
    String name();

    /** Where it runs, for people. */
    String device();

    /** Copies {@code parameters} in. */
    void load(Parameters parameters);

    /** Copies the parameters out. */
    Parameters parameters();

    /**
     * Holds {@code data} ready: it is copied to the device once, and takes memory there until it is closed, at the latest with
     * the engine.
     *
     * @throws IllegalArgumentException if its images, padded on each side, are not the network's input
     */
    StagedData stage(LabeledImages data, Normalization normalization);

    /**
     * Trains on the images of {@code order}, one step a batch, a short last one included.
     *
     * @param order indices into {@code data}
     * @return the loss and accuracy of each image at the step that trained on it
     */
    Metrics trainEpoch(StagedData data, int[] order);

    /** The loss and accuracy on every image of {@code data}. */
    Metrics evaluate(StagedData data);

    /**
     * The gradient of the mean loss of one batch; parameters stay as they are.
     *
     * @param batch indices into {@code data}, at most the batch size of them
     */
    Gradient gradient(StagedData data, int[] batch);

    /** The logits of every image of {@code data}, {@code [count, classes]}. */
    float[][] logits(StagedData data);

    /** Frees the device's memory, staged data included. */
    @Override
    void close();
}
