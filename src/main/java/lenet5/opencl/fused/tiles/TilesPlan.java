package lenet5.opencl.fused.tiles;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import lenet5.nn.Network;
import lenet5.nn.Network.Placed;
import lenet5.opencl.fused.plan.Extents;
import lenet5.opencl.fused.plan.MemoryPlan;
import lenet5.opencl.fused.plan.MemoryPlan.Place;
import lenet5.opencl.fused.plan.MemoryPlan.Region;
import lenet5.opencl.fused.plan.Target;

/** Where everything lies in a training step whose groups work on several images, see {@code kernels/fused/tiles/tiles.cl}. */
final class TilesPlan {

    /** Inputs of a tile of a dense layer's weights, weights of a work-item, images in local memory at once. */
    static final int TILE_INPUTS = 64;

    static final int TILE = 4;
    static final int CHUNK = 16;
    /** Work-items that divide the sum of a convolution's partial gradients. */
    private static final int ADDERS = 4;
    /** Terms of a dense layer's sum that are worth a work-item. */
    private static final int LEAST_TERMS = 8;

    private final TilesLayers layers;
    private final Target target;
    private final TilesWorkspace block;
    private final Map<Integer, ConvTile> tiles = new LinkedHashMap<>();
    private final List<Region> forwardSlots = new ArrayList<>();
    private final MemoryPlan forward;
    private final MemoryPlan backward;
    private final MemoryPlan gradients;
    private final DensePlan dense;

    private TilesPlan(TilesLayers layers, Target target) {
        this.layers = layers;
        this.target = target;
        this.block = new TilesWorkspace(layers, convSlices(), denseSlices());
        for (int k : layers.convs()) {
            tiles.put(k, ConvTile.of(layers.placed(k), target.group(), target.localFloats()));
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
        this.dense = new DensePlan(layers, target, LEAST_TERMS);
    }

    /** The plan, if the network has dense layers behind everything else and the device enough memory for it. */
    static Optional<TilesPlan> of(Network network, Target target) {
        TilesLayers layers = TilesLayers.of(network);
        if (layers.dense() == layers.count() || target.group() < TILE_INPUTS / TILE) {
            return Optional.empty();
        }
        TilesPlan plan = new TilesPlan(layers, target);
        boolean fitsGroup = plan.tiles.entrySet().stream()
                .allMatch(tile -> tile.getValue().gradientItems(layers.placed(tile.getKey())) <= target.group());
        return fitsGroup
                        && plan.forwardImages() > 0
                        && plan.backwardImages() > 0
                        && plan.dense.fits()
                        && plan.gradientsLocal() <= target.localFloats()
                ? Optional.of(plan)
                : Optional.empty();
    }

    /** A slot that exists while convolution k's gradients are formed. */
    private Region chainRegion(int k, int slot) {
        return new Region("slot " + slot + " for " + k, layers.slot(slot), k, k, false);
    }

    TilesLayers layers() {
        return layers;
    }

    Target target() {
        return target;
    }

    TilesWorkspace block() {
        return block;
    }

    ConvTile tile(int conv) {
        return tiles.get(conv);
    }

    DensePlan dense() {
        return dense;
    }

    /** Slices of the batch with a partial gradient by convolutions' weights each, if there are as many images. */
    int convSlices() {
        return target.knobs().get(TilesDivision.SLICES);
    }

    /** Slices of the batch with a partial gradient by dense layers' weights each. */
    int denseSlices() {
        return Math.max(1, convSlices() / 32);
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
        return layers.placed(k).parameterCount();
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
        int fit = (target.localFloats() - forwardWeights()) / forwardImage();
        return Math.max(0, Math.min(target.knobs().get(TilesDivision.TILE_IMAGES), fit));
    }

    int backwardImages() {
        int fit = (target.localFloats() - backwardWeights()) / backwardImage();
        return Math.max(0, Math.min(2 * target.knobs().get(TilesDivision.TILE_IMAGES), fit));
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
        return target.group() / (TILE_INPUTS / TILE) * TILE;
    }

    /** Tiles of dense layer k's weights and biases, a group each for each slice of the batch. */
    int denseTiles(int k) {
        Placed placed = layers.placed(k);
        return Extents.ceilDiv(placed.input().size() + 1, TILE_INPUTS)
                * Extents.ceilDiv(placed.output().size(), tileOutputs());
    }

    /** Work-items that divide a sum of layer k's partial gradients. */
    int adders(int k) {
        return layers.isConv(k) && target.weightsGroup() % ADDERS == 0 ? ADDERS : 1;
    }

    /** Groups that add layer k's partial gradients. */
    int weightGroups(int k) {
        return Extents.ceilDiv(learned(k), target.weightsGroup() / adders(k));
    }

    int weightGroups() {
        return IntStream.of(layers.learning()).map(this::weightGroups).sum();
    }

    int forwardGroups(int batch) {
        return Extents.ceilDiv(batch, forwardImages());
    }

    int backwardGroups(int batch) {
        return Extents.ceilDiv(batch, backwardImages());
    }

    int denseGroups(int batch) {
        return Extents.ceilDiv(batch, dense.images());
    }

    int gradientGroups(int batch) {
        int tilesOfDense = IntStream.of(layers.denses()).map(this::denseTiles).sum();
        return layers.convs().length * Math.min(convSlices(), batch) + tilesOfDense * denseSlices();
    }
}
