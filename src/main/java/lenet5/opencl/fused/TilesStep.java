package lenet5.opencl.fused;

import java.util.List;
import java.util.Optional;
import lenet5.nn.Network;
import lenet5.ops.Work;

/** Several images a group: four launches before the update, see {@code kernels/fused_gpu_tiles.cl}. */
final class TilesStep implements StepPlan {

    private final TilePlan plan;
    private final TileWork work;

    private TilesStep(TilePlan plan) {
        this.plan = plan;
        this.work = new TileWork(plan);
    }

    /** Empty if the network has no dense layers behind everything else, or the device too little memory. */
    static Optional<StepPlan> of(Network network, FusedVariant variant) {
        return TilePlan.of(network, variant).map(TilesStep::new);
    }

    @Override
    public Network network() {
        return plan.layers().network();
    }

    @Override
    public FusedVariant variant() {
        return plan.variant();
    }

    @Override
    public List<StepLaunch> launches() {
        return work.stepLaunches();
    }

    @Override
    public int weightGroups() {
        return plan.weightGroups();
    }

    @Override
    public Work stepWeights(int batch) {
        return work.stepWeights(batch);
    }

    @Override
    public int localFloats() {
        return plan.localFloats();
    }

    @Override
    public int blockFloats() {
        return plan.block().floats();
    }

    @Override
    public int workspaceFloats(int batch) {
        return plan.block().common() + batch * blockFloats();
    }

    @Override
    public boolean fitsLocalMemory() {
        return true;
    }

    /** A convolution with pooling reads from its image's block what others of the group wrote there. */
    @Override
    public boolean sharesGlobalMemory() {
        return true;
    }

    @Override
    public List<String> bodies(KernelCalls calls) {
        return new TileSource(plan).bodies(calls);
    }

    /** Its own adds parts of a batch, and is among the bodies. */
    @Override
    public List<String> updateBody() {
        return List.of();
    }

    @Override
    public List<String> files() {
        return new TileSource(plan).files();
    }
}
