package lenet5.opencl.fused;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import lenet5.data.Noise;
import lenet5.data.Normalization;
import lenet5.engine.Metrics;
import lenet5.engine.Settings;
import lenet5.engine.StagedData;
import lenet5.nn.Initializer;
import lenet5.nn.Models;
import lenet5.nn.Network;
import lenet5.opencl.Device;
import lenet5.opencl.DeviceContext;
import lenet5.opencl.OpenClException;
import lenet5.opencl.TestDevice;
import lenet5.opencl.fused.kernels.FusedData;
import lenet5.opencl.fused.kernels.FusedKernels;
import lenet5.opencl.fused.persistent.PersistentEpoch;
import lenet5.opencl.fused.persistent.PersistentLaunch;
import lenet5.opencl.fused.plan.GridBarrier;
import lenet5.opencl.fused.plan.Target;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One launch an epoch: the same bits as with launches for each step, also where it fails. */
class PersistentLaunchTest {

    /** So that groups which wait in vain do not wait for long. */
    private static final int FEW_LOOKS = 1 << 20;

    /** No device runs more of them at once. */
    private static final int MOST_GROUPS_A_UNIT = 64;

    private static final Network NETWORK = Models.lenet5();
    private static final int IMAGES = 150;

    private final List<String> messages = new ArrayList<>();

    @ParameterizedTest
    @ValueSource(ints = {1, 32, 64})
    void itEndsInTheBitsOfLaunchesForEachStep(int batchSize) {
        Target kernels = persistentVariant();
        Trained expected = train(kernels, batchSize, Optional.empty());
        Trained actual = train(kernels, batchSize, Optional.of(TestEngines.requirePersistent()));
        assertEquals(0, actual.launchesAStep);
        assertSame(expected, actual);
    }

    @Test
    void onlyOneGroupWaitsForNobody() {
        Target kernels = persistentVariant();
        Trained expected = train(kernels, 32, Optional.empty());
        Trained actual = train(kernels, 32, Optional.of(new GridBarrier(1, FEW_LOOKS, false)));
        assertSame(expected, actual);
    }

    @Test
    void moreGroupsThanRunAtOnceFailTheSelfTest() {
        Target kernels = persistentVariant();
        int groups = MOST_GROUPS_A_UNIT * TestDevice.device().facts().computeUnits() + 1;
        String message = assertThrows(
                        OpenClException.class,
                        () -> train(kernels, 32, Optional.of(new GridBarrier(groups, FEW_LOOKS, false))))
                .getMessage();
        assertEquals("its work-groups do not run at once", message);
    }

    @Test
    void aLaunchThatFailsLeavesTheParametersAsTheyWere() {
        Settings settings = new Settings(32, 0.1f);
        Target variant = persistentVariant();
        int groups = MOST_GROUPS_A_UNIT * TestDevice.device().facts().computeUnits() + 1;
        try (DeviceContext context = TestDevice.open()) {
            FusedKernels kernels = new FusedKernels(context, settings, TestEngines.plan(NETWORK, variant));
            FusedData data = new FusedData(kernels, Noise.images(NETWORK, IMAGES), new Normalization(0.3f));
            data.setOrder(IntStream.range(0, IMAGES).toArray());
            float[] start = Initializer.glorotUniform(NETWORK, 3).values();
            kernels.parameters().write(start);
            PersistentLaunch launch = new PersistentLaunch(kernels, new GridBarrier(groups, FEW_LOOKS, false));
            PersistentEpoch epoch = new PersistentEpoch(launch, 32, Optional.empty());
            assertFalse(epoch.train(data, IMAGES, Assertions::fail));
            assertArrayEquals(start, kernels.parameters().readFloats());
        }
    }

    /** All of an epoch in one launch, steps with launches each, and a launch for each step as if it were many. */
    @ParameterizedTest
    @CsvSource({"1e-9, 1e9", "1, 1e-9", "0.01, 1e9"})
    void launchesOfSomeStepsAndOfOneEndInTheSameBits(double atOnce, double stepByStep) {
        Settings settings = new Settings(32, 0.1f);
        Target variant = persistentVariant();
        Trained expected = train(variant, 32, Optional.empty());
        DeviceContext context = TestDevice.open();
        FusedKernels kernels = new FusedKernels(context, settings, TestEngines.plan(NETWORK, variant));
        PersistentEpoch epoch = new PersistentEpoch(
                new PersistentLaunch(kernels, TestEngines.requirePersistent()),
                32,
                Optional.of(new PersistentEpoch.Pace(atOnce, stepByStep)));
        Candidate candidate = new Candidate(Variant.persistent, variant.knobs(), false);
        assertSame(expected, train(new FusedEngine(kernels, candidate, 32, Optional.of(epoch), messages::add)));
        boolean wentOver = atOnce > stepByStep;
        assertEquals(wentOver ? 1 : 0, messages.size(), messages::toString);
    }

    @Test
    void groupsAreNoMoreThanComputeUnits() {
        assertEquals(
                Optional.of(new GridBarrier(132, 1 << 22, true)),
                GridBarrier.on(facts("NVIDIA CUDA", Device.Type.GPU, 132)));
        Optional<GridBarrier> cpu = GridBarrier.on(facts("Portable Computing Language", Device.Type.CPU, 3));
        assertEquals(3, cpu.orElseThrow().groups());
        assertTrue(GridBarrier.on(facts("Portable Computing Language", Device.Type.GPU, 3))
                .isEmpty());
        assertTrue(GridBarrier.on(facts("Oclgrind", Device.Type.CPU, 3)).isEmpty());
    }

    private static Device.Facts facts(String platform, Device.Type type, int computeUnits) {
        return new Device.Facts(platform, "", "", "", type, "", "", computeUnits, 1, 1 << 30, 48 << 10, 1024, 4, 0);
    }

    private static Target persistentVariant() {
        return Variant.persistent.on(TestDevice.device().facts(), 32);
    }

    private record Trained(float[] parameters, Metrics training, Metrics evaluation, int launchesAStep) {}

    private static void assertSame(Trained expected, Trained actual) {
        assertArrayEquals(expected.parameters, actual.parameters);
        assertEquals(expected.training, actual.training);
        assertEquals(expected.evaluation, actual.evaluation);
    }

    private static Trained train(Target kernels, int batchSize, Optional<GridBarrier> barrier) {
        return train(TestEngines.open(TestDevice.open(), NETWORK, new Settings(batchSize, 0.1f), kernels, barrier));
    }

    /** Two epochs with a short last batch, then an evaluation. */
    private static Trained train(FusedEngine opened) {
        try (FusedEngine engine = opened) {
            engine.load(Initializer.glorotUniform(NETWORK, 3));
            StagedData data = engine.stage(Noise.images(NETWORK, IMAGES), new Normalization(0.3f));
            int[] order = IntStream.range(0, IMAGES).map(i -> IMAGES - 1 - i).toArray();
            engine.trainEpoch(data, order);
            Metrics training = engine.trainEpoch(data, order);
            return new Trained(
                    engine.parameters().values(),
                    training,
                    engine.evaluate(data),
                    engine.footprint().launches());
        }
    }
}
