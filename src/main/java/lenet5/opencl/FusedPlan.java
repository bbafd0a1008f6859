package lenet5.opencl;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import lenet5.engine.FusedLayer;
import lenet5.nn.Layer;
import lenet5.nn.Network;
import lenet5.nn.Network.Stage;
import lenet5.opencl.MemoryPlan.Place;
import lenet5.opencl.MemoryPlan.Region;

/**
 * Where everything lies while a block of images runs through a network, forward and, in training, back.
 *
 * <p>A slot holds a layer's output and later, in its place, the gradient by it. In training the block's part of the workspace
 * also keeps what the update of the weights needs: a dense layer's inputs and output gradients, a convolution's share of the
 * weights' gradient.
 */
final class FusedPlan {

    private final Network network;
    private final FusedVariant variant;
    private final List<FusedLayer> layers;
    private final boolean training;
    private final int firstLearning;
    private final List<Region> slots = new ArrayList<>();
    private final List<Region> scratches = new ArrayList<>();
    private final MemoryPlan memory;
    private final int[] storedInputs;
    private final int[] storedGradients;
    private final int blockFloats;

    FusedPlan(Network network, FusedVariant variant, boolean training) {
        this.network = network;
        this.variant = variant;
        this.layers = FusedLayer.of(network);
        this.training = training;
        this.firstLearning =
                (int) layers.stream().takeWhile(layer -> !layer.learns()).count();
        slots.add(slotRegion(0, network.input().size()));
        for (int k = 0; k < layers.size(); k++) {
            slots.add(slotRegion(k + 1, layers.get(k).stage().output().size()));
        }
        for (int k = 0; k < layers.size(); k++) {
            scratches.add(scratchRegion(k));
        }
        List<Region> regions = new ArrayList<>(slots);
        scratches.stream().filter(scratch -> scratch.floats() > 0).forEach(regions::add);
        this.memory = new MemoryPlan(regions, variant.localFloats());

        this.storedInputs = new int[layers.size()];
        this.storedGradients = new int[layers.size()];
        int end = memory.globalFloats();
        for (int k = 0; training && k < layers.size(); k++) {
            Stage stage = layers.get(k).stage();
            if (stage.layer() instanceof Layer.Dense) {
                storedInputs[k] = end;
                storedGradients[k] = end + laned(stage.input().size());
                end = storedGradients[k] + laned(stage.output().size());
            } else if (stage.layer() instanceof Layer.Conv5x5) {
                storedGradients[k] = end;
                end += wholeLanes(stage.parameterCount());
            }
        }
        this.blockFloats = end;
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
            int floats = variant.parts() > 1 ? variant.parts() * stage.output().size() : 0;
            return new Region("scratch " + k, floats, k + 1, k + 1, true);
        }
        int runs = training && stage.layer() instanceof Layer.Conv5x5 ? wantedRuns(stage) : 1;
        int floats = runs > 1 ? runs * stage.parameterCount() : 0;
        return new Region("scratch " + k, floats, backwardMoment(k), backwardMoment(k), true);
    }

    /** As many runs as it takes to give every work-item a task, if their sums take no more memory than a slot does. */
    private int wantedRuns(Stage stage) {
        int pairs = stage.input().extent(0) * stage.output().extent(0);
        int columns = stage.output().extent(2);
        int largestSlot = slots.stream().mapToInt(Region::floats).max().orElseThrow();
        int limit = largestSlot / stage.parameterCount();
        return IntStream.rangeClosed(1, columns)
                .filter(runs -> columns % runs == 0 && runs <= Math.max(1, limit))
                .filter(runs -> runs * pairs >= variant.group())
                .findFirst()
                .orElseGet(() -> FusedVariant.divisor(columns, Math.max(1, limit)));
    }

    private int laned(int features) {
        return features * variant.lanes();
    }

    /** Keeps whatever follows aligned to whole vectors of lanes. */
    private int wholeLanes(int floats) {
        return variant.blocks(floats) * variant.lanes();
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

    boolean training() {
        return training;
    }

    /** The first layer with weights; no gradient goes further back. */
    int firstLearning() {
        return firstLearning;
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
        return scratch(k).isPresent()
                ? scratches.get(k).floats() / layers.get(k).stage().parameterCount()
                : 1;
    }

    /** The place of the sums that layer k's work-items share, if they do. */
    Optional<Place> scratch(int k) {
        return memory.place(scratches.get(k));
    }

    /** Where in its block of the workspace the input of dense layer k is kept. */
    int storedInput(int k) {
        return storedInputs[k];
    }

    /** Where in its block dense layer k's output gradient, or convolution k's share of the weights' gradient, is kept. */
    int storedGradient(int k) {
        return storedGradients[k];
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
        return IntStream.range(0, layers.size()).map(this::weightGroups).sum();
    }

    /** Floats of a block of the workspace: what did not fit into local memory, and what is kept for the update. */
    int blockFloats() {
        return blockFloats;
    }

    /** Floats of them that the update of the weights reads. */
    int keptFloats() {
        return blockFloats - memory.globalFloats();
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
