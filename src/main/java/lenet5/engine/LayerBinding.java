package lenet5.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import lenet5.nn.Layer;
import lenet5.nn.Network.Placed;
import lenet5.ops.Operation;
import lenet5.ops.Ops;
import lenet5.ops.Tensor;

/**
 * Binds the operations of a layer to its tensors.
 *
 * @param <T> the operations' tensors
 */
final class LayerBinding<T extends Tensor> implements Layer.Visitor<LayerBinding.Passes> {

    /** A layer's operations, each pass in the order that it runs in. */
    record Passes(List<Operation> forward, List<Operation> backward) {}

    private final Ops<T> ops;
    private final Placed placed;
    private final List<T> parameters;
    private final List<T> gradients;
    private final T input;
    private final T output;
    private final T inputGradient;
    private final T outputGradient;

    /**
     * Of {@code placed}.
     *
     * @param parameters its own
     * @param inputGradient null where nothing before the layer learns
     */
    LayerBinding(
            Ops<T> ops,
            Placed placed,
            List<T> parameters,
            List<T> gradients,
            T input,
            T output,
            T inputGradient,
            T outputGradient) {
        this.ops = ops;
        this.placed = placed;
        this.parameters = parameters;
        this.gradients = gradients;
        this.input = input;
        this.output = output;
        this.inputGradient = inputGradient;
        this.outputGradient = outputGradient;
    }

    @Override
    public Passes conv5x5(Layer.Conv5x5 layer) {
        T weights = parameters.get(0);
        return passes(
                ops.conv5x5Forward(input, weights, parameters.get(1), output),
                () -> ops.conv5x5BackwardWeights(input, outputGradient, gradients.get(0), gradients.get(1)),
                () -> ops.conv5x5BackwardInput(outputGradient, weights, inputGradient));
    }

    @Override
    public Passes averagePool2x2(Layer.AveragePool2x2 layer) {
        return passes(
                ops.averagePool2x2Forward(input, output),
                null,
                () -> ops.averagePool2x2Backward(outputGradient, inputGradient));
    }

    @Override
    public Passes tanh(Layer.Tanh layer) {
        return passes(
                ops.tanhForward(layer.activation(), input, output),
                null,
                () -> ops.tanhBackward(layer.activation(), output, outputGradient, inputGradient));
    }

    @Override
    public Passes flatten(Layer.Flatten layer) {
        return new Passes(List.of(), List.of());
    }

    @Override
    public Passes dense(Layer.Dense layer) {
        T weights = parameters.get(0);
        return passes(
                ops.denseForward(input, weights, parameters.get(1), output),
                () -> ops.denseBackwardWeights(input, outputGradient, gradients.get(0), gradients.get(1)),
                () -> ops.denseBackwardInput(outputGradient, weights, inputGradient));
    }

    /** Gradients by weights where they are learned, and by the input where it is made of what was learned. */
    private Passes passes(Operation forwards, Supplier<Operation> learning, Supplier<Operation> backwards) {
        List<Operation> back = new ArrayList<>();
        if (placed.learns()) {
            back.add(learning.get());
        }
        if (inputGradient != null) {
            back.add(backwards.get());
        }
        return new Passes(List.of(forwards), back);
    }
}
