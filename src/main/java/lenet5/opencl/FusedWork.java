package lenet5.opencl;

import java.util.List;
import java.util.function.IntToLongFunction;
import lenet5.nn.Layer;
import lenet5.nn.Network;
import lenet5.nn.Network.Stage;
import lenet5.ops.Work;

/** What each launch of the fused engine has to do, and what a step takes in all. */
final class FusedWork {

    private final Network network;
    private final FusedPlan step;

    FusedWork(FusedPlan step) {
        this.network = step.network();
        this.step = step;
    }

    Footprint footprint(int batchSize) {
        List<StepLaunch> launches = stepLaunches();
        long bytes = stepWeights(batchSize).bytes()
                + launches.stream()
                        .mapToLong(launch -> launch.work().apply(batchSize).bytes())
                        .sum();
        int block = step.tiles()
                .map(tiles -> tiles.block().floats())
                .orElse(step.block().floats());
        int local = step.tiles().map(TilePlan::localFloats).orElse(step.localFloats());
        return new Footprint(
                batchSize,
                launches.size() + 1,
                bytes,
                (long) block * Float.BYTES / step.variant().lanes(),
                (long) local * Float.BYTES);
    }

    /** What a step launches before step_weights. */
    List<StepLaunch> stepLaunches() {
        FusedVariant variant = step.variant();
        if (step.tiles().isPresent()) {
            return new TileWork(step.tiles().get()).stepLaunches();
        } else if (step.shares().isShared()) {
            IntToLongFunction workItems =
                    batch -> variant.workItems(batch) * step.shares().count();
            return List.of(
                    new StepLaunch("step_forward", workItems, this::stepForward),
                    new StepLaunch("step_backward", workItems, this::stepBackward));
        }
        return List.of(new StepLaunch("step_images", variant::workItems, this::stepImages));
    }

    private Work stepImages(int batch) {
        return new Work(
                2 * batch * imageMultiplyAdds(),
                workspaceBytes(batch, step.block().floats()) + parameterBytes());
    }

    private Work stepForward(int batch) {
        return new Work(
                2 * batch * forwardMultiplyAdds(),
                workspaceBytes(batch, step.block().handedOver()) + parameterBytes());
    }

    /** Reads what step_forward wrote and writes the rest of the workspace. */
    private Work stepBackward(int batch) {
        return new Work(
                2 * batch * (imageMultiplyAdds() - forwardMultiplyAdds()),
                workspaceBytes(batch, step.block().floats()) + parameterBytes());
    }

    /** Multiply-adds an image of step_images, or step_forward and step_backward. */
    private long imageMultiplyAdds() {
        return network.forwardMultiplyAdds() + network.backwardMultiplyAdds() - denseMultiplyAdds();
    }

    private long forwardMultiplyAdds() {
        return step.layers().subList(0, step.shares().dense() + 1).stream()
                .mapToLong(layer -> layer.stage().multiplyAdds())
                .sum();
    }

    Work stepWeights(int batch) {
        if (step.tiles().isPresent()) {
            return new TileWork(step.tiles().get()).stepWeights(batch);
        }
        return new Work(
                2 * (batch * denseMultiplyAdds() + network.parameterCount()),
                workspaceBytes(batch, step.block().updateFloats()) + 2 * parameterBytes());
    }

    /** All steps of an epoch. */
    Work epoch(int batchSize, int count) {
        Work step = stepImages(batchSize).plus(stepWeights(batchSize));
        Work all = step.times(count / batchSize);
        int last = count % batchSize;
        return last == 0 ? all : all.plus(stepImages(last)).plus(stepWeights(last));
    }

    Work evaluateImages(int batch) {
        return new Work(
                2 * batch * network.forwardMultiplyAdds(),
                (long) batch * network.classes() * Float.BYTES + parameterBytes());
    }

    private long workspaceBytes(int batch, int floats) {
        return (long) step.variant().blocks(batch) * floats * Float.BYTES;
    }

    private long parameterBytes() {
        return (long) network.parameterCount() * Float.BYTES;
    }

    /** Multiply-adds an image of the dense layers' gradients by weights. */
    private long denseMultiplyAdds() {
        return network.stages().stream()
                .filter(stage -> stage.layer() instanceof Layer.Dense)
                .mapToLong(Stage::multiplyAdds)
                .sum();
    }
}
