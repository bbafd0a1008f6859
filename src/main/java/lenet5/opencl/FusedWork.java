package lenet5.opencl;

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
        long bytes = stepImages(batchSize).bytes() + stepWeights(batchSize).bytes();
        long imageBytes =
                (long) step.blockFloats() * Float.BYTES / step.variant().lanes();
        return new Footprint(batchSize, 2, bytes, imageBytes, (long) step.localFloats() * Float.BYTES);
    }

    Work stepImages(int batch) {
        long multiplyAdds = network.forwardMultiplyAdds() + network.backwardMultiplyAdds() - denseMultiplyAdds();
        return new Work(2 * batch * multiplyAdds, workspaceBytes(batch) + parameterBytes());
    }

    Work stepWeights(int batch) {
        return new Work(
                2 * (batch * denseMultiplyAdds() + network.parameterCount()),
                (long) step.variant().blocks(batch) * step.keptFloats() * Float.BYTES + 2 * parameterBytes());
    }

    Work evaluateImages(int batch) {
        return new Work(
                2 * batch * network.forwardMultiplyAdds(),
                (long) batch * network.classes() * Float.BYTES + parameterBytes());
    }

    private long workspaceBytes(int batch) {
        return (long) step.variant().blocks(batch) * step.blockFloats() * Float.BYTES;
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
