package lenet5.opencl.fused.persistent;

import lenet5.opencl.DeviceBuffer;
import lenet5.opencl.fused.kernels.FusedData;
import lenet5.opencl.fused.kernels.FusedKernels;
import lenet5.opencl.fused.plan.GridBarrier;

/** Trains many steps in one launch, whose work-groups wait for one another after either half of a step. */
public final class PersistentLaunch {

    /** Where the grid has the number of groups that gave up. */
    private static final int GIVEN_UP = 1;

    private final FusedKernels kernels;
    private final GridBarrier barrier;
    private final DeviceBuffer grid;

    public PersistentLaunch(FusedKernels kernels, GridBarrier barrier) {
        this.kernels = kernels;
        this.barrier = barrier;
        this.grid = kernels.ints(0, 0, 0);
    }

    FusedKernels kernels() {
        return kernels;
    }

    /**
     * Trains on {@code count} images of the order from {@code start} on and waits for the end.
     *
     * @return false if the groups did not all come to the barrier; the parameters are of no use then
     */
    boolean train(FusedData data, int start, int batchSize, int count) {
        data.trainAtOnce(barrier, grid, start, batchSize, count);
        boolean all = grid.readInts()[GIVEN_UP] == 0;
        if (!all) {
            grid.clear();
        }
        return all;
    }
}
