package lenet5.opencl;

/**
 * What a training step of the fused engine takes from a device besides arithmetic.
 *
 * @param batchSize images a step
 * @param launches kernels a step launches; 0 if an epoch is one launch
 * @param bytes global memory that a full batch's step moves, each operand of a launch once: the workspace, parameters and
 *     gradients, without the batch's own pictures
 * @param imageBytes workspace in global memory an image of the batch
 * @param localBytes local memory a work-group
 */
public record Footprint(int batchSize, int launches, long bytes, long imageBytes, long localBytes) {

    /** The same where an epoch is one launch. */
    public Footprint persistent() {
        return new Footprint(batchSize, 0, bytes, imageBytes, localBytes);
    }
}
