package lenet5.opencl.fused.tiles;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import lenet5.opencl.fused.plan.StepLaunch;
import lenet5.ops.Work;

/** What the launches of a training step have to do whose groups work on several images. */
final class TilesWork {

    private final TilesPlan plan;
    private final TilesLayers layers;
    private final TilesWorkspace block;

    TilesWork(TilesPlan plan) {
        this.plan = plan;
        this.layers = plan.layers();
        this.block = plan.block();
    }

    List<StepLaunch> stepLaunches() {
        int group = plan.target().group();
        List<StepLaunch> launches = new ArrayList<>();
        launches.add(new StepLaunch("step_forward", batch -> (long) group * plan.forwardGroups(batch), this::forward));
        launches.add(new StepLaunch(
                "step_dense", batch -> (long) plan.dense().group() * plan.denseGroups(batch), this::dense));
        if (layers.convsWithGradient().length > 0) {
            launches.add(new StepLaunch(
                    "step_backward", batch -> (long) group * plan.backwardGroups(batch), this::backward));
        }
        launches.add(
                new StepLaunch("step_gradients", batch -> (long) group * plan.gradientGroups(batch), this::gradients));
        return launches;
    }

    /** Reads the parameters, writes the dense layers' weights again, and what is kept of the images. */
    private Work forward(int batch) {
        return work(
                batch * multiplyAdds(layers.convs()),
                (long) batch * block.forwardFloats() + parameters() + transposed());
    }

    private Work dense(int batch) {
        long first = layers.dense() > layers.firstLearning()
                ? 0
                : layers.placed(layers.dense()).multiplyAdds();
        return work(
                batch * (2 * multiplyAdds(layers.denses()) - first),
                (long) batch * block.denseFloats() + parameters() + transposed());
    }

    private Work backward(int batch) {
        return work(
                batch * multiplyAdds(layers.convsWithGradient()), (long) batch * block.backwardFloats() + parameters());
    }

    /** Reads whole blocks, writes the partial gradients. */
    private Work gradients(int batch) {
        return work(
                batch * (multiplyAdds(layers.convs()) + multiplyAdds(layers.denses())),
                (long) batch * block.floats() + partials(batch));
    }

    Work stepWeights(int batch) {
        return work(partials(batch), partials(batch) + 2 * parameters());
    }

    private static Work work(long multiplyAdds, long floats) {
        return new Work(2 * multiplyAdds, floats * Float.BYTES);
    }

    private long multiplyAdds(int[] of) {
        return IntStream.of(of).mapToLong(k -> layers.placed(k).multiplyAdds()).sum();
    }

    private long parameters() {
        return layers.network().parameterCount();
    }

    private long transposed() {
        return IntStream.of(layers.denses())
                .mapToLong(k -> (long) layers.slot(k) * layers.slot(k + 1))
                .sum();
    }

    private long partials(int batch) {
        long convs = IntStream.of(layers.convs()).map(plan::learned).sum();
        long denses = IntStream.of(layers.denses()).map(plan::learned).sum();
        return convs * Math.min(plan.convSlices(), batch) + denses * plan.denseSlices();
    }
}
