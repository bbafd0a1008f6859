package lenet5.opencl.fused;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
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
import lenet5.opencl.Device;
import lenet5.opencl.DeviceContext;
import lenet5.opencl.Footprint;
import lenet5.opencl.Launch;
import lenet5.opencl.Source;
import lenet5.opencl.TestDevice;
import lenet5.opencl.fused.block.BlockPlan;
import lenet5.opencl.fused.kernels.FusedSource;
import lenet5.opencl.fused.plan.Family;
import lenet5.opencl.fused.plan.StepPlan;
import lenet5.opencl.fused.plan.Target;
import lenet5.opencl.fused.shares.SharesDivision;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the contract of all engines does not ask. */
class FusedEngineTest {

    private static final Network DENSE = new Network(
            "dense",
            Shape.of(1, 6, 6),
            List.of(new Layer.Flatten(), new Layer.Dense(5), new Layer.Tanh(), new Layer.Dense(3)));

    /** Where tanh has no sums to be applied to at once: behind the input, behind itself; and in front of the loss. */
    private static final Network TANH_ANYWHERE = new Network(
            "tanh anywhere",
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

    @Test
    void tanhMayStandAnywhere() {
        Settings settings = new Settings(5, 1);
        for (Target variant : List.of(
                Variant.images.on(TestDevice.device().facts(), 32),
                Variant.lanes.on(TestDevice.device().facts(), 32),
                TestEngines.variant(0, 3),
                TestEngines.variant(0, 1),
                TestEngines.variant(50, 7),
                TestEngines.variant(5000, 7, 4),
                TestEngines.tiles(5000, 16))) {
            try (Engine engine = TestEngines.open(TestDevice.open(), TANH_ANYWHERE, settings, variant)) {
                SelfTest.run(engine, TANH_ANYWHERE, settings);
                GradientCheck check = new GradientCheck(
                        TANH_ANYWHERE, settings, Noise.images(TANH_ANYWHERE, 5), new Normalization(0.2f));
                assertEquals(Optional.empty(), check.problem(engine), variant::toString);
            }
        }
    }

    @Test
    void evaluationTakesMoreImagesThanALaunch() {
        Settings settings = new Settings(7, 1);
        LabeledImages images = Noise.images(DENSE, 2345);
        Metrics expected = evaluate(LayeredEngine.reference(DENSE, settings), images);
        Metrics actual = evaluate(TestEngines.open(DENSE, settings, Variant.auto), images);
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

    @ParameterizedTest
    @CsvSource({
        "images, 2, step_images 3 step_weights 3",
        "lanes, 2, step_images 3 step_weights 3",
        "shares, 3, step_forward 3 step_backward 3 step_weights 3",
        "tiles, 5, step_forward 3 step_dense 3 step_backward 3 step_gradients 3 step_weights 3",
        "persistent, 0, train_epoch 1"
    })
    void aStepHasTheLaunchesThatTheEngineReportsAndAnEvaluationOne(Variant variant, int launchesAStep, String kernels) {
        if (variant == Variant.persistent) {
            TestEngines.requirePersistent();
        } else if (variant != Variant.lanes) {
            TestDevice.requireLimits(48 << 10, 256);
        }
        Network network = Models.lenet5();
        try (FusedEngine engine = FusedEngines.open(
                TestDevice.device(), true, network, new Settings(4, 1), variant, Optional.empty(), Assertions::fail)) {
            engine.load(Initializer.glorotUniform(network, 2));
            StagedData data = engine.stage(Noise.images(network, 10), new Normalization(0));
            engine.trainEpoch(data, IntStream.range(0, 10).toArray());
            engine.evaluate(data);
            Map<String, Long> launches =
                    engine.profile().stream().collect(Collectors.toMap(ProfileRow::activity, ProfileRow::runs));
            Map<String, Long> expected = new HashMap<>(Map.of("evaluate_images", 1L));
            String[] words = kernels.split(" ");
            for (int i = 0; i < words.length; i += 2) {
                expected.put(words[i], Long.valueOf(words[i + 1]));
            }
            assertEquals(expected, launches);
            assertEquals(launchesAStep, engine.footprint().launches());
        }
    }

    @Test
    void aStepOfLenet5TakesWhatTheEngineReports() {
        TestDevice.requireLimits(48 << 10, 256);
        Target variant = Variant.images.on(facts(48 << 10, 1024), 32);
        try (FusedEngine engine = TestEngines.open(TestDevice.open(), Models.lenet5(), new Settings(32, 1), variant)) {
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
    void aSharedStepOfLenet5TakesWhatTheEngineReports() {
        Target variant = Variant.shares.on(facts(48 << 10, 1024), 32);
        Footprint footprint = TestEngines.plan(Models.lenet5(), variant).footprint(32);
        // four parts of the first convolution's gradient instead of one; what the way back needs of the outputs up to
        // the
        // second convolution's; four parts of the first dense layer's sums
        int gradients = 818 + 4 * 156 + 2416;
        int outputs = 6 * 28 * 28 + 6 * 14 * 14 + 16 * 10 * 10;
        int sums = 4 * 120;
        assertEquals(4 * (gradients + outputs + sums), footprint.imageBytes());
        assertEquals(3, footprint.launches());
        // step_forward writes outputs, sums and the dense layer's 400 inputs; step_backward moves all, step_weights
        // gradients
        assertEquals(
                4 * 32 * (outputs + sums + 400 + gradients + outputs + sums + gradients) + 4 * 4 * 61_706,
                footprint.bytes());
        assertTrue(footprint.localBytes() <= 48 << 10, footprint::toString);
    }

    @Test
    void aTiledStepOfLenet5TakesWhatTheEngineReports() {
        Device.Facts gpu = TestEngines.facts(Device.Type.GPU, 48 << 10, 1024, 132);
        Footprint footprint =
                TestEngines.plan(Models.lenet5(), Variant.auto.on(gpu, 1024)).footprint(1024);
        // outputs up to the second convolution's, the gradients by its input and the dense layers', and theirs
        int outputs = 6 * 28 * 28 + 6 * 14 * 14 + 16 * 10 * 10;
        int gradients = 6 * 14 * 14 + 400;
        int dense = 818;
        assertEquals(4 * (outputs + gradients + dense), footprint.imageBytes());
        assertEquals(5, footprint.launches());
        int forward = outputs + 400;
        int backward = 1600 + 400 + 6 * 14 * 14;
        int perImage = forward + 400 + dense + backward + outputs + gradients + dense;
        int shares = 256 * 2572 + 8 * 59_134;
        int weights = 58_920;
        assertEquals(4L * (1024 * perImage + 2 * shares + 2 * weights + 5 * 61_706), footprint.bytes());
        assertTrue(footprint.localBytes() <= 48 << 10, footprint::toString);
    }

    @Test
    void largeBatchesAreTiledAlike() {
        Network network = Models.lenet5();
        for (int batch : new int[] {65, 1024}) {
            Settings settings = new Settings(batch, 1);
            GradientCheck check =
                    new GradientCheck(network, settings, Noise.images(network, batch), new Normalization(0.2f));
            try (Engine engine = TestEngines.open(network, settings, Variant.tiles)) {
                assertEquals(Optional.empty(), check.problem(engine));
            }
        }
    }

    @Test
    void imagesAreSharedWhereTheDeviceHasUnitsToSpare() {
        Device.Facts gpu = TestEngines.facts(Device.Type.GPU, 48 << 10, 1024, 132);
        assertEquals(4, shares(Variant.auto.on(gpu, 32)));
        assertEquals(132, shares(Variant.auto.on(gpu, 1)));
        assertEquals(1, shares(Variant.images.on(gpu, 32)));
        assertEquals(3, launchesAStep(Models.lenet5(), Variant.auto.on(gpu, 1)));
        assertEquals(2, launchesAStep(DENSE, Variant.auto.on(gpu, 32)));
        assertEquals(2, launchesAStep(Models.lenet5(), Variant.shares.on(facts(32 << 10, 1024), 32)));
    }

    private static int shares(Target target) {
        return target.knobs().get(SharesDivision.SHARES);
    }

    private static int launchesAStep(Network network, Target variant) {
        return TestEngines.plan(network, variant).footprint(32).launches();
    }

    @Test
    void theDriverCountsTheSameLocalMemory() {
        TestDevice.requireLimits(48 << 10, 256);
        Target variant = Variant.images.on(facts(48 << 10, 1024), 32);
        StepPlan step = Variant.images.plan(Models.lenet5(), variant).orElseThrow();
        Source source = FusedSource.of(step, BlockPlan.evaluation(Models.lenet5(), variant));
        try (DeviceContext context = TestDevice.open()) {
            Launch launch = context.bind(source, "step_images", variant.defines(), List.of());
            assertEquals(step.footprint(32).localBytes(), launch.localBytes());
        }
    }

    @Test
    void lenet5TrainsWithin48KiBOfLocalMemory() {
        Target variant = Variant.images.on(facts(48 << 10, 1024), 32);
        StepPlan step = Variant.images.plan(Models.lenet5(), variant).orElseThrow();
        assertTrue(step.fitsLocalMemory());
        assertTrue(step.localFloats() * Float.BYTES <= 48 << 10, () -> step.localFloats() + " floats");
        assertTrue(BlockPlan.evaluation(Models.lenet5(), variant).localFloats() < step.localFloats());
        assertFalse(Variant.images
                .plan(Models.lenet5(), Variant.images.on(facts(32 << 10, 1024), 32))
                .orElseThrow()
                .fitsLocalMemory());
    }

    @Test
    void workGroupsKeepToTheDevicesLimit() {
        Target variant = Variant.images.on(facts(48 << 10, 32), 32);
        assertEquals(32, variant.group());
        assertEquals(32, variant.weightsGroup());
    }

    @Test
    void aCpuGetsItsOwnVariantAndAWorkItemForEachCore() {
        Target variant = Variant.auto.on(TestEngines.facts(Device.Type.CPU, 48 << 10, 4096, 3), 32);
        assertEquals(Family.cpu, variant.family());
        assertEquals(3, variant.workers(1000));
        assertEquals(2, variant.workers(17));
        assertEquals(Family.gpu, Variant.auto.on(facts(48 << 10, 1024), 32).family());
    }

    private static Device.Facts facts(long localMemoryBytes, long maxWorkGroupSize) {
        return TestEngines.facts(Device.Type.GPU, localMemoryBytes, maxWorkGroupSize, 1);
    }
}
