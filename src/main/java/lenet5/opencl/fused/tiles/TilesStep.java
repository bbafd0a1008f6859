package lenet5.opencl.fused.tiles;

import java.util.List;
import java.util.Optional;
import lenet5.nn.Network;
import lenet5.opencl.fused.plan.KernelCalls;
import lenet5.opencl.fused.plan.StepLaunch;
import lenet5.opencl.fused.plan.StepPlan;
import lenet5.opencl.fused.plan.Target;
import lenet5.ops.Work;

/** Several images a group: four launches before the update, see {@code kernels/fused/tiles/tiles.cl}. */
final class TilesStep implements StepPlan {

    private final TilesPlan plan;
    private final TilesWork work;

    private TilesStep(TilesPlan plan) {
        this.plan = plan;
        this.work = new TilesWork(plan);
    }

    /** Empty if the network has no dense layers behind everything else, or the device too little memory. */
    static Optional<StepPlan> of(Network network, Target target) {
        return TilesPlan.of(network, target).map(TilesStep::new);
    }

    @Override
    public Network network() {
        return plan.layers().network();
    }

    @Override
    public Target target() {
        return plan.target();
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
        return new TilesSource(plan).bodies(calls);
    }

    /** Its own adds partial gradients, and is among the bodies. */
    @Override
    public List<String> updateBody() {
        return List.of();
    }

    @Override
    public List<String> files() {
        return new TilesSource(plan).files();
    }
}
