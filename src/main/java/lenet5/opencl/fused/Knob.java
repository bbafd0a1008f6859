package lenet5.opencl.fused;

import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A number that fused kernels are built with and that changes how fast they are, not what they compute. See {@link Constraint} for what it has to keep to.
 */
public enum Knob {
    /** Work-items of a group that works on images. */
    GROUP(32, 64, 128, 256, 512, 1024),
    /** Work-items of a group that updates weights. */
    WEIGHTS_GROUP(32, 64, 128, 256),
    /** Maps that a work-item of a convolution computes at once, at most. */
    MAX_MAPS(1, 2, 3, 4, 6, 8),
    /** Neighbouring pixels of each that it computes at once, at most. */
    MAX_PIXELS(1, 2, 4, 5, 7, 10, 14),
    /** Outputs of a dense layer whose weights by one input a work-item owns, at most. */
    MAX_OUTPUTS(1, 2, 4, 6, 8),
    /** Outputs, or on the way back inputs, of a dense layer that a work-item computes at once. */
    MAX_ROWS(4, 8, 12, 16, 20, 24),
    /** Vectors of inputs by which it forms the gradient by a dense layer's weights at once, at most. */
    MAX_COLUMNS(1, 2, 3, 4, 5, 8),
    /** Work-items that share an output of a dense layer. */
    PARTS(1, 2, 4, 8, 16, 32),
    /** Groups that share an image in training, at most. */
    SHARES(2, 4, 8, 16),
    /** Images that a group works on at once up to the dense layers, at most; on the way back twice as many. */
    TILE_IMAGES(1, 2, 4),
    /** Images that a group takes through the dense layers at once. */
    DENSE_IMAGES(4, 8, 16),
    /** Work-items of such a group. */
    DENSE_GROUP(128, 256, 512, 1024),
    /** Parts of a batch whose gradients by convolutions' weights are summed apart; of dense layers a thirty-second of it. */
    BATCH_PARTS(128, 256, 512);

    private final List<Integer> choices;

    Knob(Integer... choices) {
        this.choices = List.of(choices);
    }

    /** Values worth a try, in ascending order. */
    public List<Integer> choices() {
        return choices;
    }

    /** Those that only bound what the calls have, so that others may make the same kernels. */
    static Set<Knob> bounds() {
        return Set.of(MAX_MAPS, MAX_PIXELS, MAX_OUTPUTS);
    }

    /** What a value is a multiple of: four images are a vector. */
    int unit() {
        return this == DENSE_IMAGES ? 4 : 1;
    }

    /** Whether it is a macro of the same name in the kernels; else the calls have what follows from it. */
    boolean isMacro() {
        return this != PARTS && this != SHARES && this != TILE_IMAGES && this != BATCH_PARTS;
    }

    /** The name in messages and files. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
