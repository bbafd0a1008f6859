package lenet5.opencl;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import lenet5.engine.FusedLayer;
import lenet5.nn.Layer;
import lenet5.nn.Network;
import lenet5.nn.Network.Stage;
import lenet5.nn.Shape;
import lenet5.opencl.MemoryPlan.Place;
import lenet5.opencl.MemoryPlan.Region;

/**
 * Where everything lies while a block of images runs through a network, forward and, in training, back. A
 * slot holds a layer's output and later, in its place, the gradient by it.
 */
final class FusedPlan {

    private final Network network;
    private final FusedVariant variant;
    private final List<FusedLayer> layers;
    private final boolean training;
    private final int firstLearning;
    private final Shares shares;
    private final List<Region> slots = new ArrayList<>();
    private final List<Region> scratches = new ArrayList<>();
    private final List<Region> staged = new ArrayList<>();
    private final Region sums;
    private final MemoryPlan memory;
    private final FusedBlock block;
    private final Optional<TilePlan> tiles;

    FusedPlan(Network network, FusedVariant variant, boolean training) {
        this.network = network;
        this.variant = variant;
        this.layers = FusedLayer.of(network);
        this.training = training;
        this.firstLearning = FusedLayer.firstLearning(layers);
        this.shares = training ? Shares.of(layers, variant.shares()) : Shares.NONE;
        slots.add(slotRegion(0, network.input().size()));
        for (int k = 0; k < layers.size(); k++) {
            slots.add(slotRegion(k + 1, output(k).size()));
        }
        for (int k = 0; k < layers.size(); k++) {
            scratches.add(scratchRegion(k));
            staged.add(stagedRegion(k));
        }
        this.sums = new Region("sums", sumsFloats(), shares.dense() + 1, backwardMoment(shares.dense()), false);
        List<Region> regions = new ArrayList<>(slots);
        Stream.of(scratches.stream(), staged.stream(), Stream.of(sums))
                .flatMap(region -> region)
                .filter(region -> region.floats() > 0)
                .forEach(regions::add);
        this.memory = new MemoryPlan(regions, variant.localFloats());
        this.block = new FusedBlock(this, memory.globalFloats());
        this.tiles = training ? TilePlan.of(network, variant) : Optional.empty();
    }

    /** The plan of training steps: with whole images if shares of them do not fit into local memory. */
    static FusedPlan training(Network network, FusedVariant variant) {
        FusedPlan plan = new FusedPlan(network, variant, true);
        return plan.shares.isShared() && plan.spills() ? new FusedPlan(network, variant.wholeImages(), true) : plan;
    }

    /** The moments: 0 loads the image, k + 1 is layer k forward, then the loss, then the layers backward. */
    private int lossMoment() {
        return layers.size() + 1;
    }

    private int backwardMoment(int k) {
        return lossMoment() + layers.size() - k;
    }

    /** Slot k, the input of layer k, or behind the last layer the logits. */
    private Region slotRegion(int k, int features) {
        int to = k + 1;
        if (training && k > firstLearning) {
            to = backwardMoment(k - 1);
        } else if (training && k == firstLearning && layers.get(k).stage().layer() instanceof Layer.Conv5x5) {
            to = backwardMoment(k);
        }
        return new Region("slot " + k, laned(features), k, to, false);
    }

    private Region scratchRegion(int k) {
        Stage stage = layers.get(k).stage();
        if (stage.layer() instanceof Layer.Dense) {
            int floats = variant.parts() > 1 && !shares.isShared()
                    ? variant.parts() * stage.output().size()
                    : 0;
            return new Region("scratch " + k, floats, k + 1, k + 1, true);
        }
        int runs = training && stage.layer() instanceof Layer.Conv5x5 ? wantedRuns(k) : 1;
        int floats = runs > 1 ? runs * learned(k) : 0;
        return new Region("scratch " + k, floats, backwardMoment(k), backwardMoment(k), true);
    }

    /** As many runs as it takes to give every work-item a task, if their sums take no more memory than a slot does. */
    private int wantedRuns(int k) {
        int pairs = input(k).extent(0) * output(k).extent(0);
        int columns = output(k).extent(2);
        int largestSlot = slots.stream().mapToInt(Region::floats).max().orElseThrow();
        int limit = largestSlot / learned(k);
        return IntStream.rangeClosed(1, columns)
                .filter(runs -> columns % runs == 0 && runs <= Math.max(1, limit))
                .filter(runs -> runs * pairs >= variant.group())
                .findFirst()
                .orElseGet(() -> FusedVariant.divisor(columns, Math.max(1, limit)));
    }

    /** The weights and biases of a convolution that a group needs more than once, if groups share the image. */
    private Region stagedRegion(int k) {
        boolean wanted = shares.isShared() && layers.get(k).stage().layer() instanceof Layer.Conv5x5;
        int to = k > firstLearning ? backwardMoment(k) : k + 1;
        return new Region("weights " + k, wanted ? learned(k) : 0, 0, to, true);
    }

    /** What the dense layers' sums take, whose work-items share an output: forward, from step to step, and back. */
    private int sumsFloats() {
        if (!shares.isShared()) {
            return 0;
        }
        return IntStream.range(shares.dense(), layers.size())
                .filter(k -> layers.get(k).stage().layer() instanceof Layer.Dense)
                .map(k -> Math.max(output(k).size() * variant.parts(), input(k).size() * inputParts(k)))
                .reduce(shares.count() * output(shares.dense()).size(), Math::max);
    }

    private int laned(int features) {
        return features * variant.lanes();
    }

    Network network() {
        return network;
    }

    FusedVariant variant() {
        return variant;
    }

    List<FusedLayer> layers() {
        return layers;
    }

    Shares shares() {
        return shares;
    }

    boolean training() {
        return training;
    }

    /** The first layer with weights; no gradient goes further back. */
    int firstLearning() {
        return firstLearning;
    }

    /** What a group holds of layer k's input. */
    Shape input(int k) {
        return shares.of(k, layers.get(k).stage().input());
    }

    /** What a group computes of layer k's output. */
    Shape output(int k) {
        return shares.of(k + 1, layers.get(k).stage().output());
    }

    /** Weights and biases of layer k whose gradients a group forms. */
    int learned(int k) {
        return layers.get(k).stage().parameterCount() / shares.runs(k);
    }

    /** The place of layer k's input, or behind the last layer of the logits. */
    Place slot(int k) {
        return memory.place(slots.get(k)).orElseThrow();
    }

    /** Whether the values of {@link #slot} are tanh's. */
    boolean isSquashed(int k) {
        return k > 0 && layers.get(k - 1).squashed();
    }

    /** How many work-items share an output of dense layer k. */
    int parts(int k) {
        return scratch(k).isPresent() ? variant.parts() : 1;
    }

    /** Into how many runs of columns the gradient by the weights of convolution k is divided. */
    int runs(int k) {
        return scratch(k).isPresent() ? scratches.get(k).floats() / learned(k) : 1;
    }

    /** The place of the sums that layer k's work-items share, if they do. */
    Optional<Place> scratch(int k) {
        return memory.place(scratches.get(k));
    }

    /** The place of convolution k's weights and, behind them, biases, if they are in local memory. */
    Optional<Place> staged(int k) {
        return memory.place(staged.get(k));
    }

    /** The place of the dense layers' sums. */
    Place sums() {
        return memory.place(sums).orElseThrow();
    }

    /** How many work-items share an element of the gradient by dense layer k's input. */
    int inputParts(int k) {
        return Math.max(1, variant.group() / input(k).size());
    }

    /** Work-groups that own the weights of layer k. */
    int weightGroups(int k) {
        Stage stage = layers.get(k).stage();
        return stage.layer() instanceof Layer.Conv5x5
                ? variant.convWeightGroups(stage)
                : stage.layer() instanceof Layer.Dense ? variant.denseWeightGroups(stage) : 0;
    }

    /** Work-groups that own the network's weights. */
    int weightGroups() {
        return tiles.map(TilePlan::weightGroups)
                .orElseGet(() -> IntStream.range(0, layers.size())
                        .map(this::weightGroups)
                        .sum());
    }

    /** What a block of the workspace holds. */
    FusedBlock block() {
        return block;
    }

    /** How groups work on several images at once, if they do: this plan is that of the images' evaluation then. */
    Optional<TilePlan> tiles() {
        return tiles;
    }

    /** Floats of the workspace of {@code batch} images. */
    int workspaceFloats(int batch) {
        return tiles.map(plan -> plan.block().common() + batch * plan.block().floats())
                .orElseGet(() -> variant.blocks(batch) * block.floats());
    }

    /** Floats of local memory a work-group uses. */
    int localFloats() {
        return memory.localFloats();
    }

    /** Whether a slot is in global memory. */
    boolean spills() {
        return memory.globalFloats() > 0;
    }
}
