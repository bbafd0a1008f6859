package lenet5.opencl.fused;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import lenet5.nn.Network;
import lenet5.nn.Network.Stage;
import lenet5.opencl.fused.MemoryPlan.Place;
import lenet5.opencl.fused.MemoryPlan.Region;

/** Where everything lies in a training step whose groups work on several images, see {@code kernels/fused_gpu_tiles.cl}. */
final class TilePlan {

    /** Inputs of a tile of a dense layer's weights, weights of a work-item, images in local memory at once. */
    static final int TILE_INPUTS = 64;

    static final int TILE = 4;
    static final int CHUNK = 16;
    /** Work-items that share the sum over a convolution's parts. */
    private static final int SHARERS = 4;
    /** Terms of a dense layer's sum that are worth a work-item. */
    private static final int LEAST_TERMS = 8;

    private final TileLayers layers;
    private final FusedVariant variant;
    private final TileBlock block;
    private final Map<Integer, ConvTile> tiles = new LinkedHashMap<>();
    private final List<Region> forwardSlots = new ArrayList<>();
    private final MemoryPlan forward;
    private final MemoryPlan backward;
    private final MemoryPlan gradients;
    private final TileDensePlan dense;

    private TilePlan(TileLayers layers, FusedVariant variant) {
        this.layers = layers;
        this.variant = variant;
        this.block = new TileBlock(layers, convParts(), denseParts());
        for (int k : layers.convs()) {
            tiles.put(k, ConvTile.of(layers.stage(k), variant.group(), variant.localFloats()));
        }
        for (int k = 0; k <= layers.dense(); k++) {
            boolean pooled = k > 1 && layers.isPooled(k - 2);
            boolean inGlobal = k > 0 && layers.isPooled(k - 1);
            forwardSlots.add(new Region("slot " + k, inGlobal ? 0 : layers.slot(k), pooled ? k - 1 : k, k + 1, false));
        }
        this.forward = new MemoryPlan(forwardSlots, Integer.MAX_VALUE);
        List<Region> back = new ArrayList<>();
        List<Region> learned = new ArrayList<>();
        for (int k : layers.convs()) {
            for (int slot : layers.chain(k)) {
                back.add(chainRegion(k, slot));
                learned.add(chainRegion(k, slot));
            }
            learned.add(chainRegion(k, k));
        }
        this.backward = new MemoryPlan(back, Integer.MAX_VALUE);
        this.gradients = new MemoryPlan(learned, Integer.MAX_VALUE);
        this.dense = new TileDensePlan(layers, variant, LEAST_TERMS);
    }

    /** The plan, if the network has dense layers behind everything else and the device enough memory for it. */
    static Optional<TilePlan> of(Network network, FusedVariant variant) {
        TileLayers layers = TileLayers.of(network);
        if (layers.dense() == layers.count() || variant.group() < TILE_INPUTS / TILE) {
            return Optional.empty();
        }
        TilePlan plan = new TilePlan(layers, variant);
        boolean shared = plan.tiles.entrySet().stream()
                .allMatch(tile -> tile.getValue().gradientItems(layers.stage(tile.getKey())) <= variant.group());
        return shared
                        && plan.forwardImages() > 0
                        && plan.backwardImages() > 0
                        && plan.dense.fits()
                        && plan.gradientsLocal() <= variant.localFloats()
                ? Optional.of(plan)
                : Optional.empty();
    }

    /** A slot that exists while convolution k's gradients are formed. */
    private Region chainRegion(int k, int slot) {
        return new Region("slot " + slot + " for " + k, layers.slot(slot), k, k, false);
    }

    TileLayers layers() {
        return layers;
    }

    FusedVariant variant() {
        return variant;
    }

    TileBlock block() {
        return block;
    }

    ConvTile tile(int conv) {
        return tiles.get(conv);
    }

    TileDensePlan dense() {
        return dense;
    }

    /** Parts of the batch whose convolution gradients are summed apart, if there are as many images. */
    int convParts() {
        return variant.knobs().get(Knob.BATCH_PARTS);
    }

    /** Parts of the batch whose dense gradients are summed apart. */
    int denseParts() {
        return Math.max(1, convParts() / 32);
    }

    /** Where image 0 has slot k in step_forward, behind the weights. */
    Place forwardSlot(int k) {
        return shifted(forward.place(forwardSlots.get(k)).orElseThrow(), forwardWeights());
    }

    /** Where image 0 has slot {@code slot} in step_backward while convolution k is at work. */
    Place backwardSlot(int k, int slot) {
        return shifted(backward.place(chainRegion(k, slot)).orElseThrow(), backwardWeights());
    }

    /** Where step_gradients has an image's slot while convolution k is at work. */
    Place gradientsSlot(int k, int slot) {
        return gradients.place(chainRegion(k, slot)).orElseThrow();
    }

    private static Place shifted(Place place, int offset) {
        return new Place(place.local(), place.offset() + offset);
    }

    /** Where step_forward, or step_backward, has the weights of convolution k. */
    int weights(int k, int[] convs) {
        return IntStream.of(convs).filter(conv -> conv < k).map(this::learned).sum();
    }

    int learned(int k) {
        return layers.stage(k).parameterCount();
    }

    private int forwardWeights() {
        return weights(layers.dense(), layers.convs());
    }

    private int backwardWeights() {
        return weights(layers.dense(), layers.convsWithGradient());
    }

    /** Local memory between an image and the next. */
    int forwardImage() {
        return forward.localFloats();
    }

    int backwardImage() {
        return Math.max(1, backward.localFloats());
    }

    int forwardImages() {
        int fit = (variant.localFloats() - forwardWeights()) / forwardImage();
        return Math.max(0, Math.min(variant.knobs().get(Knob.TILE_IMAGES), fit));
    }

    int backwardImages() {
        int fit = (variant.localFloats() - backwardWeights()) / backwardImage();
        return Math.max(0, Math.min(2 * variant.knobs().get(Knob.TILE_IMAGES), fit));
    }

    int forwardLocal() {
        return forwardWeights() + forwardImages() * forwardImage();
    }

    int backwardLocal() {
        return backwardWeights() + backwardImages() * backwardImage();
    }

    int gradientsLocal() {
        int tile = CHUNK * (TILE_INPUTS + tileOutputs());
        int scratch = tiles.entrySet().stream()
                .mapToInt(entry -> entry.getValue().runs() * learned(entry.getKey()))
                .max()
                .orElse(0);
        return Math.max(Math.max(tile, scratch), gradients.localFloats());
    }

    /** Of all kernels the largest. */
    int localFloats() {
        return IntStream.of(forwardLocal(), backwardLocal(), gradientsLocal(), dense.localFloats())
                .max()
                .orElseThrow();
    }

    int tileOutputs() {
        return variant.group() / (TILE_INPUTS / TILE) * TILE;
    }

    /** Tiles of dense layer k's weights and biases, a group each for each part of the batch. */
    int denseTiles(int k) {
        Stage stage = layers.stage(k);
        return ceilDiv(stage.input().size() + 1, TILE_INPUTS)
                * ceilDiv(stage.output().size(), tileOutputs());
    }

    /** Work-items that share a sum over parts of layer k. */
    int sharers(int k) {
        return layers.isConv(k) && variant.weightsGroup() % SHARERS == 0 ? SHARERS : 1;
    }

    /** Groups that add the parts of layer k. */
    int weightGroups(int k) {
        return ceilDiv(learned(k), variant.weightsGroup() / sharers(k));
    }

    int weightGroups() {
        return IntStream.of(layers.learning()).map(this::weightGroups).sum();
    }

    int forwardGroups(int batch) {
        return ceilDiv(batch, forwardImages());
    }

    int backwardGroups(int batch) {
        return ceilDiv(batch, backwardImages());
    }

    int denseGroups(int batch) {
        return ceilDiv(batch, dense.images());
    }

    int gradientGroups(int batch) {
        int tilesOfDense = IntStream.of(layers.denses()).map(this::denseTiles).sum();
        return layers.convs().length * Math.min(convParts(), batch) + tilesOfDense * denseParts();
    }

    private static int ceilDiv(int count, int size) {
        return (count - 1) / size + 1;
    }
}
