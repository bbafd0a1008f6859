package lenet5.opencl.fused;

import java.util.Optional;
import lenet5.engine.Engine;
import lenet5.engine.Settings;
import lenet5.nn.Network;
import lenet5.opencl.Device;
import lenet5.opencl.DeviceContext;
import lenet5.opencl.TestDevice;
import lenet5.opencl.fused.block.BlocksStep;
import lenet5.opencl.fused.kernels.FusedKernels;
import lenet5.opencl.fused.persistent.PersistentEpoch;
import lenet5.opencl.fused.plan.Family;
import lenet5.opencl.fused.plan.GridBarrier;
import lenet5.opencl.fused.plan.Knobs;
import lenet5.opencl.fused.plan.LayerKnobs;
import lenet5.opencl.fused.plan.StepPlan;
import lenet5.opencl.fused.plan.Target;
import lenet5.opencl.fused.shares.SharesDivision;
import lenet5.opencl.fused.tiles.TilesDivision;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/** The fused engine as devices get it that this machine does not have. */
public final class TestEngines {

    /** As its driver says. */
    public static final Device.Facts H100 = new Device.Facts(
            "NVIDIA CUDA", "", "", "", Device.Type.GPU, "", "", 132, 1, 1L << 36, 48 << 10, 1024, 512, 9);

    /** Of which a GPU's compiler takes seconds, not half a minute. */
    private static final Knobs SMALL_LANES = Knobs.NONE
            .with(LayerKnobs.MAX_MAPS, 2)
            .with(LayerKnobs.MAX_PIXELS, 2)
            .with(LayerKnobs.MAX_ROWS, 4)
            .with(LayerKnobs.MAX_COLUMNS, 2)
            .with(LayerKnobs.MAX_OUTPUTS, 2);

    private TestEngines() {}

    /** With a variant's kernels, whatever this device is; images are shared where the network lets them be. */
    public static Engine open(Network network, Settings settings, Variant variant) {
        DeviceContext context = TestDevice.open();
        Device.Facts facts = context.device().facts();
        Candidate candidate = Candidate.shipped(variant, facts, settings.batchSize());
        Optional<GridBarrier> barrier =
                candidate.variant() == Variant.persistent ? GridBarrier.on(facts) : Optional.empty();
        Target kernels = candidate.on(facts, settings.batchSize());
        boolean slowToCompile = candidate.variant() == Variant.lanes && facts.type() != Device.Type.CPU;
        return open(context, network, settings, slowToCompile ? kernels.with(SMALL_LANES) : kernels, barrier);
    }

    /**
     * As on a GPU with every optional feature masked off: kernels have no extensions anyway; local memory and work-groups are
     * the least that is found, and launches beyond them are refused. Part of a LeNet-5 is in global memory then.
     */
    public static Engine maskedGpu(Network network, Settings settings) {
        return FusedEngines.open(
                TestDevice.maskedGpu(), false, network, settings, Variant.images, Optional.empty(), Assertions::fail);
    }

    /** What these kernels' knobs are made for, or whole images where the network or the device is not. */
    static StepPlan plan(Network network, Target kernels) {
        Optional<StepPlan> plan = Optional.empty();
        if (kernels.knobs().values().containsKey(TilesDivision.TILE_IMAGES)) {
            plan = new TilesDivision().plan(network, kernels);
        } else if (kernels.knobs().get(SharesDivision.SHARES) > 1) {
            plan = new SharesDivision().plan(network, kernels);
        }
        return plan.orElseGet(() -> BlocksStep.of(network, kernels));
    }

    /** With the first kernels of the context's ladder and launches for each step. */
    public static FusedEngine open(DeviceContext context, Network network, Settings settings) {
        return open(context, network, settings, Variant.auto.on(context.device().facts(), settings.batchSize()));
    }

    /** With exactly these kernels and launches for each step. */
    static FusedEngine open(DeviceContext context, Network network, Settings settings, Target variant) {
        return open(context, network, settings, variant, Optional.empty());
    }

    /** With exactly these kernels and, by a barrier's groups, one launch an epoch. */
    static FusedEngine open(
            DeviceContext context, Network network, Settings settings, Target variant, Optional<GridBarrier> barrier) {
        try {
            return build(context, network, settings, variant, barrier);
        } catch (RuntimeException e) {
            context.close();
            throw e;
        }
    }

    private static FusedEngine build(
            DeviceContext context, Network network, Settings settings, Target variant, Optional<GridBarrier> barrier) {
        int batch = settings.batchSize();
        FusedKernels kernels = new FusedKernels(context, settings, plan(network, variant));
        Optional<PersistentEpoch> epoch = barrier.map(groups -> FusedEngines.persistent(kernels, groups, batch, false));
        Candidate candidate =
                new Candidate(barrier.isPresent() ? Variant.persistent : Variant.images, variant.knobs(), false);
        return new FusedEngine(kernels, candidate, batch, epoch, Assertions::fail);
    }

    /** The device's barrier; skips the test where none is known. */
    public static GridBarrier requirePersistent() {
        return GridBarrier.on(TestDevice.device().facts())
                .orElseGet(() -> Assumptions.abort("skipped: no barrier is known for " + TestDevice.device()));
    }

    /** One image a work-group of {@code group}, with so much local memory, and the smallest tiles. */
    static Target variant(int localFloats, int group) {
        return variant(localFloats, group, 1);
    }

    /** The same with {@code shares} groups an image. */
    static Target variant(int localFloats, int group, int shares) {
        Knobs knobs = Knobs.NONE
                .with(LayerKnobs.GROUP, group)
                .with(LayerKnobs.WEIGHTS_GROUP, group)
                .with(LayerKnobs.MAX_MAPS, 1)
                .with(LayerKnobs.MAX_PIXELS, 2)
                .with(LayerKnobs.MAX_OUTPUTS, 1)
                .with(LayerKnobs.PARTS, Math.min(4, group))
                .with(SharesDivision.SHARES, shares);
        Device.Facts device = facts(Device.Type.GPU, (long) localFloats * Float.BYTES, group, 1);
        return new Target(Family.gpu, device, knobs);
    }

    /** Several images a work-group, with small groups and few parts of a batch. */
    static Target tiles(int localFloats, int group) {
        Knobs tuning = variant(localFloats, group)
                .knobs()
                .with(TilesDivision.TILE_IMAGES, 2)
                .with(TilesDivision.DENSE_IMAGES, 4)
                .with(TilesDivision.DENSE_GROUP, group)
                .with(TilesDivision.SLICES, 2);
        return variant(localFloats, group).with(tuning);
    }

    /** What matters of a device. */
    public static Device.Facts facts(Device.Type type, long localMemoryBytes, long maxWorkGroupSize, int computeUnits) {
        return new Device.Facts(
                "", "", "", "", type, "", "", computeUnits, 1, 1 << 30, localMemoryBytes, maxWorkGroupSize, 4, 0);
    }
}
