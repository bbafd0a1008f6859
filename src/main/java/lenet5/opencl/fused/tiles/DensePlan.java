package lenet5.opencl.fused.tiles;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import lenet5.opencl.fused.plan.MemoryPlan;
import lenet5.opencl.fused.plan.MemoryPlan.Place;
import lenet5.opencl.fused.plan.MemoryPlan.Region;
import lenet5.opencl.fused.plan.Target;

/** Where step_dense has the values of its images, {@code [features, images]} a slot, and how it divides its sums. */
final class DensePlan {

    private final TilesLayers layers;
    private final Target target;
    private final int leastTerms;
    private final int localFloats;
    private int mostSums;
    private MemoryPlan memory;

    /** A work-item takes no fewer than {@code leastTerms} terms of a sum. */
    DensePlan(TilesLayers layers, Target target, int leastTerms) {
        this.layers = layers;
        this.target = target;
        this.leastTerms = leastTerms;
        this.mostSums = target.localFloats();
        this.memory = new MemoryPlan(regions(), Integer.MAX_VALUE);
        while (!fits() && mostSums > 0) {
            mostSums -= mostSums / 4 + 1;
            memory = new MemoryPlan(regions(), Integer.MAX_VALUE);
        }
        this.localFloats = memory.localFloats();
    }

    boolean fits() {
        return memory.localFloats() <= target.localFloats();
    }

    int images() {
        return target.knobs().get(TilesDivision.DENSE_IMAGES);
    }

    int group() {
        return target.knobs().get(TilesDivision.DENSE_GROUP);
    }

    int localFloats() {
        return localFloats;
    }

    private List<Region> regions() {
        List<Region> regions = new ArrayList<>();
        for (int k = layers.dense(); k < layers.count(); k++) {
            regions.add(slotRegion(k));
            if (layers.isDense(k)) {
                regions.add(forwardSumsRegion(k));
                if (k > layers.firstLearning()) {
                    regions.add(backwardSumsRegion(k));
                }
            }
        }
        return Stream.concat(regions.stream(), Stream.of(slotRegion(layers.count())))
                .toList();
    }

    private int lossMoment() {
        return layers.count() + 1;
    }

    private int backwardMoment(int k) {
        return lossMoment() + layers.count() - k;
    }

    /** The first layer's input is gone once it is used. */
    private Region slotRegion(int k) {
        int to = k == layers.dense() && layers.isDense(k) ? k + 1 : backwardMoment(k - 1);
        return new Region("slot " + k, layers.slot(k) * images(), k, to, false);
    }

    private Region forwardSumsRegion(int k) {
        int floats = forwardParts(k) * layers.slot(k + 1) * images();
        return new Region("forward sums " + k, floats, k + 1, k + 1, false);
    }

    private Region backwardSumsRegion(int k) {
        int floats = backwardParts(k) * layers.slot(k) * images();
        return new Region("backward sums " + k, floats, backwardMoment(k), backwardMoment(k), false);
    }

    /** Work-items that divide the sum of an output of dense layer k. */
    int forwardParts(int k) {
        return parts(layers.slot(k), layers.slot(k + 1));
    }

    /** Work-items that divide the sum of an element of the gradient by its input. */
    int backwardParts(int k) {
        return parts(layers.slot(k + 1), layers.slot(k));
    }

    private int parts(int terms, int sums) {
        return Math.max(
                1,
                IntStream.of(group() / sums, terms / leastTerms, mostSums / (sums * images()))
                        .min()
                        .orElseThrow());
    }

    Place slot(int k) {
        return memory.place(slotRegion(k)).orElseThrow();
    }

    Place forwardSums(int k) {
        return memory.place(forwardSumsRegion(k)).orElseThrow();
    }

    Place backwardSums(int k) {
        return memory.place(backwardSumsRegion(k)).orElseThrow();
    }
}
