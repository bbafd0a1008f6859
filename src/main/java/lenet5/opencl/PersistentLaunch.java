package lenet5.opencl;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;
import lenet5.data.Normalization;
import lenet5.engine.SelfTest;
import lenet5.nn.Initializer;
import lenet5.nn.Network;

/** Trains whole epochs in one launch each, whose work-groups wait for one another after either half of a step. */
final class PersistentLaunch {

    /** Enough images for a few blocks of every variant. */
    private static final int TEST_BATCH = 40;

    private static final long TEST_SEED = 1;

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

    /** Why it is of no use, if it is of none: a few steps on noise must end in the same bits as step by step. Overwrites the parameters. */
    Optional<String> problem(int batchSize) {
        Network network = kernels.step().network();
        int batch = Math.min(TEST_BATCH, batchSize);
        int count = 2 * batch + (batch + 1) / 2;
        FusedData data = new FusedData(kernels, SelfTest.noise(network, count), new Normalization(0.5f));
        data.setOrder(IntStream.range(0, count).toArray());
        float[] start = Initializer.glorotUniform(network, TEST_SEED).values();
        kernels.parameters().write(start);
        data.trainSteps(batch, count);
        float[] expected = kernels.parameters().readFloats();
        kernels.parameters().write(start);
        if (!train(data, batch, count)) {
            return Optional.of("its work-groups do not run at once");
        }
        return Arrays.equals(expected, kernels.parameters().readFloats())
                ? Optional.empty()
                : Optional.of("its work-groups do not see what others have written");
    }
}
