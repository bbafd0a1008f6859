package lenet5.opencl.fused.block;

import java.util.List;
import java.util.stream.IntStream;
import lenet5.nn.Shape;
import lenet5.opencl.fused.plan.Extents;

/**
 * How work-groups share an image: the output maps of convolution {@code conv}, and everything from there to the input of
 * dense layer {@code dense}, are dealt out to {@code count} of them.
 *
 * @param count groups an image, a divisor of the maps; 1 if the image is not shared
 * @param conv the last convolution, by its place among the fused layers
 * @param dense the first dense layer behind it
 */
public record Shares(int count, int conv, int dense) {

    static final Shares NONE = new Shares(1, 0, 0);

    /** At most {@code wanted} groups; one if between the last convolution and a dense layer is anything but pooling and tanh. */
    public static Shares of(List<FusedOp> ops, int wanted) {
        int conv = IntStream.range(0, ops.size())
                .filter(k -> ops.get(k).isConvolution())
                .max()
                .orElse(ops.size());
        int dense = IntStream.range(conv, ops.size())
                .filter(k -> ops.get(k).isDense())
                .findFirst()
                .orElse(ops.size());
        if (wanted == 1 || dense == ops.size()) {
            return NONE;
        }
        int maps = ops.get(conv).placed().output().extent(0);
        return new Shares(Extents.divisor(maps, wanted), conv, dense);
    }

    public boolean isShared() {
        return count > 1;
    }

    /** Whether each group holds its own maps of slot k. */
    public boolean divides(int k) {
        return conv < k && k <= dense;
    }

    /** What a group holds of slot k, whose maps or, flattened, features are the first axis of {@code whole}. */
    public Shape of(int k, Shape whole) {
        if (!divides(k)) {
            return whole;
        }
        int[] extents = whole.dimensions().stream().mapToInt(Integer::intValue).toArray();
        extents[0] /= count;
        return Shape.of(extents);
    }

    /** Groups of an image that have a share each in the gradient by the weights of layer k: all, if it lies before the shared one. */
    public int addends(int k) {
        return k < conv ? count : 1;
    }

    /** Runs of maps whose weights' gradients different groups form. */
    public int runs(int k) {
        return k == conv ? count : 1;
    }
}
