package lenet5.opencl.fused.block;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import lenet5.engine.FusedLayer;
import lenet5.nn.Network;
import lenet5.opencl.fused.block.FusedOp.Operands;
import lenet5.opencl.fused.plan.KernelCalls.Weights;
import lenet5.opencl.fused.plan.MemoryPlan;
import lenet5.opencl.fused.plan.MemoryPlan.Place;
import lenet5.opencl.fused.plan.MemoryPlan.Region;
import lenet5.opencl.fused.plan.Target;

/**
 * Where everything lies while a block of images runs through a network, forward and, in training, back. A
 * slot holds a layer's output and later, in its place, the gradient by it.
 */
public final class BlockPlan {

    private final BlockLayers layers;
    private final List<Region> slots = new ArrayList<>();
    private final List<Region> scratches = new ArrayList<>();
    private final List<Region> cached = new ArrayList<>();
    private final Region sums;
    private final MemoryPlan memory;
    private final BlockWorkspace block;

    public BlockPlan(BlockLayers layers) {
        this.layers = layers;
        for (int k = 0; k <= layers.count(); k++) {
            slots.add(slotRegion(layers, k));
        }
        for (int k = 0; k < layers.count(); k++) {
            scratches.add(scratchRegion(layers, k));
            cached.add(cachedRegion(layers, k));
        }
        Shares shares = layers.shares();
        this.sums = new Region(
                "sums", sumsFloats(layers), shares.dense() + 1, layers.backwardMoment(shares.dense()), false);
        List<Region> regions = new ArrayList<>(slots);
        Stream.of(scratches.stream(), cached.stream(), Stream.of(sums))
                .flatMap(region -> region)
                .filter(region -> region.floats() > 0)
                .forEach(regions::add);
        this.memory = new MemoryPlan(regions, layers.target().localFloats());
        this.block = new BlockWorkspace(layers, memory.globalFloats());
    }

    /** The plan of an evaluation, which every variant runs with whole images. */
    public static BlockPlan evaluation(Network network, Target target) {
        return new BlockPlan(BlockLayers.of(network, target, Shares.NONE, false));
    }

    /** Slot k, the input of layer k, or behind the last layer the logits. */
    private static Region slotRegion(BlockLayers layers, int k) {
        int first = layers.firstLearning();
        int to = k + 1;
        if (layers.training() && k > first) {
            to = layers.backwardMoment(k - 1);
        } else if (layers.training() && k == first && layers.ops().get(k).isConvolution()) {
            to = layers.backwardMoment(k); // its weights' gradient is made from it
        }
        return new Region("slot " + k, layers.slotFloats(k), k, to, false);
    }

    private static Region scratchRegion(BlockLayers layers, int k) {
        FusedOp op = layers.ops().get(k);
        int forward = op.forwardScratch(layers, k);
        if (forward > 0) {
            return new Region("scratch " + k, forward, k + 1, k + 1, true);
        }
        int backward = layers.training() ? op.backwardScratch(layers, k) : 0;
        return new Region("scratch " + k, backward, layers.backwardMoment(k), layers.backwardMoment(k), true);
    }

    /** The weights and biases of a convolution that a group needs more than once, if groups share the image. */
    private static Region cachedRegion(BlockLayers layers, int k) {
        boolean wanted = layers.shares().isShared() && layers.ops().get(k).isConvolution();
        int to = k > layers.firstLearning() ? layers.backwardMoment(k) : k + 1;
        return new Region("weights " + k, wanted ? layers.learned(k) : 0, 0, to, true);
    }

    /** What the dense layers' sums take, whose work-items divide them: forward, from step to step, and back. */
    private static int sumsFloats(BlockLayers layers) {
        Shares shares = layers.shares();
        if (!shares.isShared()) {
            return 0;
        }
        return IntStream.range(shares.dense(), layers.count())
                .filter(k -> layers.ops().get(k).isDense())
                .map(k -> Math.max(
                        layers.output(k).size() * layers.target().parts(),
                        layers.input(k).size() * inputParts(layers, k)))
                .reduce(shares.count() * layers.output(shares.dense()).size(), Math::max);
    }

    private static int inputParts(BlockLayers layers, int k) {
        return Math.max(1, layers.target().group() / layers.input(k).size());
    }

    public BlockLayers layers() {
        return layers;
    }

    public Target target() {
        return layers.target();
    }

    public Shares shares() {
        return layers.shares();
    }

    public FusedLayer layer(int k) {
        return layers.layers().get(k);
    }

    public FusedOp op(int k) {
        return layers.ops().get(k);
    }

    /** What layer k's calls are about. */
    Operands operands(int k) {
        boolean weighted = layer(k).hasWeights();
        return new Operands(
                slot(k),
                layers.input(k),
                layers.activation(k),
                slot(k + 1),
                layers.output(k),
                weighted ? weights(k) : null,
                weighted ? biases(k) : null);
    }

    /** Layer k's weights: in local memory, or those of the group's maps among the parameters. */
    private Weights weights(int k) {
        return weights(
                k, layer(k).weightsAt(), layers.learned(k) - layers.output(k).extent(0), 0);
    }

    private Weights biases(int k) {
        int biases = layers.output(k).extent(0);
        return weights(k, layer(k).biasAt(), biases, layers.learned(k) - biases);
    }

    private Weights weights(int k, int parameters, int count, int cachedAt) {
        String share = shares().runs(k) > 1 ? " + share * " + count : "";
        return cached(k)
                .map(place -> new Weights("local_values + " + (place.offset() + cachedAt), true))
                .orElse(new Weights("parameters + " + parameters + share, false));
    }

    /** The place of layer k's input, or behind the last layer of the logits. */
    public Place slot(int k) {
        return memory.place(slots.get(k)).orElseThrow();
    }

    /** How many work-items divide the sum of an output of dense layer k. */
    int parts(int k) {
        return scratchPlace(k).isPresent() ? target().parts() : 1;
    }

    /** Into how many runs of columns the gradient by the weights of convolution k is divided. */
    int runs(int k) {
        return scratchPlace(k).isPresent() ? scratches.get(k).floats() / layers.learned(k) : 1;
    }

    /** The place of the sums that layer k's work-items divide, if they do. */
    private Optional<Place> scratchPlace(int k) {
        return memory.place(scratches.get(k));
    }

    /** The same as an argument; where there are no such sums nobody looks there. */
    String scratch(int k) {
        return "local_values + " + scratchPlace(k).map(Place::offset).orElse(0);
    }

    /** The place of convolution k's weights and, behind them, biases, if they are in local memory. */
    public Optional<Place> cached(int k) {
        return memory.place(cached.get(k));
    }

    /** The place of the dense layers' sums where groups share an image. */
    public Place sums() {
        return memory.place(sums).orElseThrow();
    }

    /** How many work-items divide the sum of an element of the gradient by dense layer k's input. */
    public int inputParts(int k) {
        return inputParts(layers, k);
    }

    /** What a block of the workspace holds. */
    public BlockWorkspace block() {
        return block;
    }

    /** Floats of local memory a work-group uses. */
    public int localFloats() {
        return memory.localFloats();
    }

    /** Whether a slot is in global memory. */
    public boolean spills() {
        return memory.globalFloats() > 0;
    }
}
