package lenet5.opencl.fused.tiles;

import java.util.stream.IntStream;

/**
 * What the workspace holds where groups work on several images: first what all share, the dense layers' weights transposed and
 * the weights' partial gradients, then a block an image.
 */
final class TilesWorkspace {

    private final TilesLayers layers;
    private final int[] transposed;
    private final int[] partials;
    private final int common;
    private final int[] kept;
    private final int[] gradients;
    private final int[] storedInputs;
    private final int[] storedGradients;
    private final int floats;

    /** With the gradients of convolutions of {@code convSlices} slices of the batch, those of dense layers of {@code denseSlices}. */
    TilesWorkspace(TilesLayers layers, int convSlices, int denseSlices) {
        this.layers = layers;
        this.transposed = new int[layers.count()];
        this.partials = new int[layers.count()];
        this.kept = new int[layers.count()];
        this.gradients = new int[layers.count()];
        this.storedInputs = new int[layers.count()];
        this.storedGradients = new int[layers.count()];
        int end = 0;
        for (int k : layers.convs()) {
            partials[k] = end;
            end += convSlices * layers.placed(k).parameterCount();
        }
        for (int k : layers.denses()) {
            partials[k] = end;
            end += denseSlices * layers.placed(k).parameterCount();
            transposed[k] = end;
            end += layers.slot(k) * layers.slot(k + 1);
        }
        this.common = end;
        end = 0;
        for (int k = 0; k < layers.dense(); k++) {
            kept[k] = end;
            end += keeps(k) ? layers.slot(k) : 0;
            gradients[k] = end;
            end += layers.isConv(k) && k > layers.firstLearning() ? layers.slot(k) : 0;
        }
        gradients[layers.dense()] = end;
        end += layers.dense() > layers.firstLearning() ? layers.slot(layers.dense()) : 0;
        for (int k : layers.denses()) {
            storedInputs[k] = end;
            storedGradients[k] = end + layers.slot(k);
            end = storedGradients[k] + layers.slot(k + 1);
        }
        this.floats = end;
    }

    /** Where the weights of dense layer k are, {@code [inputs, outputs]}. */
    int transposed(int k) {
        return transposed[k];
    }

    /** Where the partial gradients by layer k's weights and biases are, {@code [slices, weights and biases]}. */
    int partials(int k) {
        return partials[k];
    }

    /** What all images share; their blocks are behind it. */
    int common() {
        return common;
    }

    /** Whether the values of slot k are kept: the way back needs them. */
    boolean keeps(int k) {
        return k > 0 && k >= layers.firstLearning();
    }

    /** Where they are in a block. */
    int kept(int k) {
        return kept[k];
    }

    /** Where in a block the gradient by slot k is, the input of a convolution or of the first dense layer. */
    int gradient(int k) {
        return gradients[k];
    }

    /** Where in a block the input of dense layer k is. */
    int storedInput(int k) {
        return storedInputs[k];
    }

    /** Where in a block the gradient by dense layer k's output is. */
    int storedGradient(int k) {
        return storedGradients[k];
    }

    /** What a block holds. */
    int floats() {
        return floats;
    }

    /** What step_forward writes of it. */
    int forwardFloats() {
        int slots = IntStream.range(0, layers.dense())
                .filter(this::keeps)
                .map(layers::slot)
                .sum();
        return slots + layers.slot(layers.dense());
    }

    /** What step_dense reads and writes of it. */
    int denseFloats() {
        return floats - gradients[layers.dense()];
    }

    /** What step_backward reads and writes of it. */
    int backwardFloats() {
        return IntStream.of(layers.convsWithGradient())
                .map(k -> IntStream.range(k + 1, layers.boundary(k))
                                .map(layers::slot)
                                .sum()
                        + layers.slot(layers.boundary(k))
                        + (layers.activation(k).isIdentity() ? 1 : 2) * layers.slot(k))
                .sum();
    }
}
