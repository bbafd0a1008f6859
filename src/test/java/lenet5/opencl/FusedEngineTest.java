package lenet5.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import lenet5.data.LabeledImages;
import lenet5.data.Noise;
import lenet5.data.Normalization;
import lenet5.engine.Engine;
import lenet5.engine.GradientCheck;
import lenet5.engine.LayeredEngine;
import lenet5.engine.Metrics;
import lenet5.engine.ProfileRow;
import lenet5.engine.SelfTest;
import lenet5.engine.Settings;
import lenet5.engine.StagedData;
import lenet5.nn.Initializer;
import lenet5.nn.Layer;
import lenet5.nn.Models;
import lenet5.nn.Network;
import lenet5.nn.Shape;
import org.junit.jupiter.api.Test;

/** What the contract of all engines does not ask. */
class FusedEngineTest {

    private static final Network DENSE = new Network(
            "dense",
            Shape.of(1, 6, 6),
            List.of(new Layer.Flatten(), new Layer.Dense(5), new Layer.Tanh(), new Layer.Dense(3)));

    /** Where tanh has no sums to be applied to at once: behind the input, behind itself; and in front of the loss. */
    private static final Network SQUASHED = new Network(
            "squashed",
            Shape.of(1, 12, 16),
            List.of(
                    new Layer.Tanh(),
                    new Layer.AveragePool2x2(),
                    new Layer.Tanh(),
                    new Layer.Conv5x5(4),
                    new Layer.AveragePool2x2(),
                    new Layer.Tanh(),
                    new Layer.Tanh(),
                    new Layer.Flatten(),
                    new Layer.Dense(6),
                    new Layer.Flatten(),
                    new Layer.Tanh(),
                    new Layer.Tanh(),
                    new Layer.Dense(4),
                    new Layer.Tanh()));

    private static final int CORES = 3;

    @Test
    void tanhMayStandAnywhere() {
        Settings settings = new Settings(5, 1);
        for (FusedVariant variant : List.of(
                FusedVariant.gpu(TestDevice.device().facts()),
                FusedVariant.cpu(TestDevice.device().facts()),
                FusedEngines.variant(0, 3),
                FusedEngines.variant(0, 1),
                FusedEngines.variant(50, 7))) {
            try (Engine engine = new FusedEngine(TestDevice.open(), SQUASHED, settings, variant)) {
                SelfTest.run(engine, SQUASHED, settings);
                GradientCheck check =
                        new GradientCheck(SQUASHED, settings, Noise.images(SQUASHED, 5), new Normalization(0.2f));
                assertEquals(Optional.empty(), check.problem(engine), variant::toString);
            }
        }
    }

    @Test
    void evaluationTakesMoreImagesThanALaunch() {
        Settings settings = new Settings(7, 1);
        LabeledImages images = Noise.images(DENSE, 2345);
        Metrics expected = evaluate(LayeredEngine.reference(DENSE, settings), images);
        Metrics actual = evaluate(new FusedEngine(TestDevice.open(), DENSE, settings), images);
        assertEquals(expected.loss(), actual.loss(), 1e-6);
        assertEquals(expected.correct(), actual.correct(), 1);
        assertEquals(2345, actual.total());
    }

    private static Metrics evaluate(Engine engine, LabeledImages images) {
        try (engine) {
            engine.load(Initializer.glorotUniform(DENSE, 2));
            return engine.evaluate(engine.stage(images, new Normalization(0.2f)));
        }
    }

    @Test
    void aStepIsTwoLaunchesAndAnEvaluationOne() {
        DeviceContext context = DeviceContext.openProfiling(TestDevice.device());
        try (Engine engine = new FusedEngine(context, DENSE, new Settings(4, 1))) {
            engine.load(Initializer.glorotUniform(DENSE, 2));
            StagedData data = engine.stage(Noise.images(DENSE, 10), new Normalization(0));
            engine.trainEpoch(data, IntStream.range(0, 10).toArray());
            engine.evaluate(data);
            Map<String, Long> launches =
                    context.profile().stream().collect(Collectors.toMap(ProfileRow::activity, ProfileRow::runs));
            assertEquals(Map.of("step_images", 3L, "step_weights", 3L, "evaluate_images", 1L), launches);
        }
    }

    @Test
    void aStepOfLenet5TakesWhatTheEngineReports() {
        FusedVariant variant = FusedVariant.gpu(facts(48 << 10, 1024));
        try (FusedEngine engine = new FusedEngine(TestDevice.open(), Models.lenet5(), new Settings(32, 1), variant)) {
            Footprint footprint = engine.footprint();
            // an image's workspace: 400 + 120, 120 + 84, 84 + 10 of the dense layers; 156 and 2,416 of the convolutions
            assertEquals(4 * (818 + 2572), footprint.imageBytes());
            assertEquals(2, footprint.launches());
            // the workspace is written and read; parameters are read, and in the update read and written
            assertEquals(2 * 32 * footprint.imageBytes() + 3 * 4 * 61_706, footprint.bytes());
            assertEquals(4 * 10_096, footprint.localBytes());
        }
    }

    @Test
    void theDriverCountsTheSameLocalMemory() {
        FusedVariant variant = FusedVariant.gpu(facts(48 << 10, 1024));
        FusedPlan step = new FusedPlan(Models.lenet5(), variant, true);
        Source source = FusedSource.of(step, new FusedPlan(Models.lenet5(), variant, false));
        try (DeviceContext context = TestDevice.open()) {
            Launch launch = context.bind(source, "step_images", variant.defines(), List.of());
            assertEquals(new FusedWork(step).footprint(32).localBytes(), launch.localBytes());
        }
    }

    @Test
    void lenet5TrainsWithin48KiBOfLocalMemory() {
        FusedVariant variant = FusedVariant.gpu(facts(48 << 10, 1024));
        FusedPlan step = new FusedPlan(Models.lenet5(), variant, true);
        assertFalse(step.spills());
        assertTrue(step.localFloats() * Float.BYTES <= 48 << 10, () -> step.localFloats() + " floats");
        assertTrue(new FusedPlan(Models.lenet5(), variant, false).localFloats() < step.localFloats());
        assertTrue(new FusedPlan(Models.lenet5(), FusedVariant.gpu(facts(32 << 10, 1024)), true).spills());
    }

    @Test
    void workGroupsKeepToTheDevicesLimit() {
        FusedVariant variant = FusedVariant.gpu(facts(48 << 10, 32));
        assertEquals(32, variant.group());
        assertEquals(32, variant.weightsGroup());
    }

    @Test
    void aCpuGetsItsOwnVariantAndAWorkItemForEachCore() {
        FusedVariant variant = FusedVariant.of(facts(Device.Type.CPU, 48 << 10, 4096));
        assertEquals("cpu", variant.name());
        assertEquals(CORES, variant.workers(1000));
        assertEquals(2, variant.workers(17));
        assertEquals("gpu", FusedVariant.of(facts(48 << 10, 1024)).name());
    }

    private static Device.Facts facts(long localMemoryBytes, long maxWorkGroupSize) {
        return facts(Device.Type.GPU, localMemoryBytes, maxWorkGroupSize);
    }

    private static Device.Facts facts(Device.Type type, long localMemoryBytes, long maxWorkGroupSize) {
        return new Device.Facts("", "", "", "", type, "", "", CORES, 1, 1 << 30, localMemoryBytes, maxWorkGroupSize, 4);
    }
}
