package lenet5.opencl;

import java.util.List;
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
        List<Work> launches = step.shares().isShared()
                ? List.of(stepForward(batchSize), stepBackward(batchSize), stepWeights(batchSize))
                : List.of(stepImages(batchSize), stepWeights(batchSize));
        long bytes = launches.stream().mapToLong(Work::bytes).sum();
        long imageBytes =
                (long) step.block().floats() * Float.BYTES / step.variant().lanes();
        return new Footprint(batchSize, launches.size(), bytes, imageBytes, (long) step.localFloats() * Float.BYTES);
    }

    Work stepImages(int batch) {
        return new Work(
                2 * batch * imageMultiplyAdds(),
                workspaceBytes(batch, step.block().floats()) + parameterBytes());
    }

    Work stepForward(int batch) {
        return new Work(
                2 * batch * forwardMultiplyAdds(),
                workspaceBytes(batch, step.block().handedOver()) + parameterBytes());
    }

    /** Reads what step_forward wrote and writes the rest of the workspace. */
    Work stepBackward(int batch) {
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
