package lenet5.opencl.fused.persistent;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;
import lenet5.data.Normalization;
import lenet5.engine.SelfTest;
import lenet5.nn.Initializer;
import lenet5.nn.Network;
import lenet5.opencl.fused.kernels.FusedData;
import lenet5.opencl.fused.kernels.FusedKernels;

/** One launch for many steps beside launches for each step, on noise. Overwrites the parameters. */
public final class PersistentTrial implements AutoCloseable {

    /** Enough images for a few blocks of every variant. */
    private static final int MOST_IMAGES = 40;

    private static final int STEPS = 16;
    private static final int ROUNDS = 5;
    private static final long SEED = 1;

    private final FusedKernels kernels;
    private final PersistentLaunch launch;
    private final int batchSize;
    private final int count;
    private final FusedData data;

    public PersistentTrial(PersistentLaunch launch, int batchSize) {
        this.kernels = launch.kernels();
        Network network = kernels.step().network();
        this.launch = launch;
        this.batchSize = Math.min(MOST_IMAGES, batchSize);
        this.count = STEPS * this.batchSize + (this.batchSize + 1) / 2; // the last batch is short
        this.data = new FusedData(kernels, SelfTest.noise(network, count), new Normalization(0.5f));
        data.setOrder(IntStream.range(0, count).toArray());
        kernels.clearOutcomes();
    }

    /** Why one launch is of no use, if it is of none: it must end in the same bits. */
    public Optional<String> problem() {
        float[] start =
                Initializer.glorotUniform(kernels.step().network(), SEED).values();
        kernels.parameters().write(start);
        data.trainSteps(0, batchSize, count);
        float[] expected = kernels.parameters().readFloats();
        kernels.parameters().write(start);
        if (!launch.train(data, 0, batchSize, count)) {
            return Optional.of("its work-groups do not run at once");
        }
        return Arrays.equals(expected, kernels.parameters().readFloats())
                ? Optional.empty()
                : Optional.of("it does not end in the same parameters");
    }

    /** What a step takes either way, now that the kernels are compiled: the best of a few rounds in turn. */
    public PersistentEpoch.Pace pace() {
        long atOnce = Long.MAX_VALUE;
        long stepByStep = Long.MAX_VALUE;
        for (int round = 0; round < ROUNDS; round++) {
            long start = System.nanoTime();
            launch.train(data, 0, batchSize, count);
            long between = System.nanoTime();
            data.trainSteps(0, batchSize, count);
            kernels.context().finish();
            atOnce = Math.min(atOnce, between - start);
            stepByStep = Math.min(stepByStep, System.nanoTime() - between);
        }
        return new PersistentEpoch.Pace(atOnce / 1e9 / STEPS, stepByStep / 1e9 / STEPS);
    }

    /** Frees the noise. */
    @Override
    public void close() {
        data.close();
    }
}
