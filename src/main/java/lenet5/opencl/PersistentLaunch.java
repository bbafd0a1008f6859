package lenet5.opencl;

/** Trains whole epochs in one launch each, whose work-groups wait for one another after either half of a step. */
final class PersistentLaunch {

    private final FusedKernels kernels;
    private final GridBarrier barrier;
    private final DeviceBuffer grid;
    private final DeviceBuffer saved;

    PersistentLaunch(FusedKernels kernels, GridBarrier barrier) {
        this.kernels = kernels;
        this.barrier = barrier;
        this.grid = kernels.ints(0, 0);
        this.saved = kernels.floats(kernels.parameters().shape().size());
    }

    /**
     * Trains on the first {@code count} images of the order.
     *
     * @return false if the groups did not all come to the barrier; the parameters are as they were then
     */
    boolean train(FusedData data, int batchSize, int count) {
        kernels.parameters().copyTo(saved);
        grid.write(new int[] {0, 0});
        data.trainEpoch(barrier, grid, batchSize, count);
        int[] arrivalsAndGivenUp = grid.readInts();
        if (arrivalsAndGivenUp[1] > 0) {
            saved.copyTo(kernels.parameters());
            return false;
        }
        return true;
    }
}
