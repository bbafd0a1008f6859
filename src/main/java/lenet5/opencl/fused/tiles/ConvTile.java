package lenet5.opencl.fused.tiles;

import java.util.Comparator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import lenet5.nn.Layer.Conv5x5;
import lenet5.nn.Network.Placed;
import lenet5.nn.Shape;
import lenet5.opencl.fused.plan.Extents;

/**
 * What a work-item of a convolution keeps in registers where groups work on several images, see {@code
 * kernels/fused/tiles/convolution.cl}.
 *
 * @param forwardMaps output maps, forward
 * @param forwardRows rows of each, two pixels wide; even
 * @param backwardMaps input maps on the way back, whole columns of each
 * @param gradientMaps output maps whose weights' gradient it forms
 * @param runs of columns, whose sums different work-items form
 */
record ConvTile(int forwardMaps, int forwardRows, int backwardMaps, int gradientMaps, int runs) {

    /** Sums that leave a work-item registers for what they are summed from, at 128 in all. */
    private static final int FORWARD_SUMS = 48;

    private static final int BACKWARD_SUMS = 32;

    /** The tile of a group of {@code group} work-items, with scratch memory of {@code scratch} floats for the runs. */
    static ConvTile of(Placed placed, int group, int scratch) {
        Shape in = placed.input();
        Shape out = placed.output();
        int[] forward = forward(out);
        int gradientMaps = Extents.divisor(out.extent(0), 2);
        int pairs = out.extent(0) / gradientMaps * in.extent(0);
        int runs =
                Extents.divisor(out.extent(2), Math.max(1, Math.min(group / pairs, scratch / placed.parameterCount())));
        int backwardMaps = Extents.divisor(in.extent(0), Math.max(1, BACKWARD_SUMS / in.extent(1)));
        return new ConvTile(forward[0], forward[1], backwardMaps, gradientMaps, runs);
    }

    /** Maps and rows that take the fewest loads a multiply-add, among those that fit into registers. */
    private static int[] forward(Shape out) {
        Stream<int[]> tiles = divisors(out.extent(0))
                .boxed()
                .flatMap(maps -> divisors(out.extent(1)).mapToObj(rows -> new int[] {maps, rows}));
        return tiles.filter(tile -> tile[1] % 2 == 0)
                .filter(tile -> 2 * tile[0] * tile[1] <= FORWARD_SUMS)
                .min(Comparator.comparingDouble(tile -> loadsPerMultiplyAdd(tile[0], tile[1])))
                .orElse(new int[] {1, 2});
    }

    private static IntStream divisors(int extent) {
        return IntStream.rangeClosed(1, extent).filter(divisor -> extent % divisor == 0);
    }

    /** For an input map: columns of pixels, which lie two apart so that half of the banks serve them, and weights. */
    private static double loadsPerMultiplyAdd(int maps, int rows) {
        int pixels = (rows + Conv5x5.KERNEL - 1) * (Conv5x5.KERNEL + 1);
        int weights = maps * Conv5x5.KERNEL * Conv5x5.KERNEL;
        return (2.0 * pixels + weights) / (2.0 * rows * weights);
    }

    /** Work-items that form the weights' gradient together. */
    int gradientItems(Placed placed) {
        return placed.output().extent(0) / gradientMaps * placed.input().extent(0) * runs;
    }
}
