package lenet5.ops;

import static lenet5.ops.ReferenceLoops.inParallel;
import static lenet5.ops.ReferenceLoops.within;

/** The reference's dense layer: its output, and the gradients by its input and by its weights. */
final class ReferenceDense {

    private ReferenceDense() {}

    static Operation forward(HostTensor input, HostTensor weights, HostTensor bias, HostTensor output) {
        DenseGeometry g = DenseGeometry.of("denseForward", input, weights, bias, output);
        return within(
                g.capacity(),
                batch -> inParallel(batch, n -> {
                    for (int o = 0; o < g.outputs(); o++) {
                        double sum = bias.get(o);
                        for (int i = 0; i < g.inputs(); i++) {
                            sum += weights.get(o * g.inputs() + i) * input.get(n * g.inputs() + i);
                        }
                        output.set(n * g.outputs() + o, sum);
                    }
                }));
    }

    static Operation backwardInput(HostTensor outputGradient, HostTensor weights, HostTensor inputGradient) {
        DenseGeometry g = DenseGeometry.of("denseBackwardInput", inputGradient, weights, outputGradient);
        return within(
                g.capacity(),
                batch -> inParallel(batch, n -> {
                    for (int i = 0; i < g.inputs(); i++) {
                        double sum = 0;
                        for (int o = 0; o < g.outputs(); o++) {
                            sum += weights.get(o * g.inputs() + i) * outputGradient.get(n * g.outputs() + o);
                        }
                        inputGradient.set(n * g.inputs() + i, sum);
                    }
                }));
    }

    static Operation backwardWeights(
            HostTensor input, HostTensor outputGradient, HostTensor weightsGradient, HostTensor biasGradient) {
        DenseGeometry g =
                DenseGeometry.of("denseBackwardWeights", input, weightsGradient, biasGradient, outputGradient);
        return within(
                g.capacity(),
                batch -> inParallel(g.outputs(), o -> {
                    double biasSum = 0;
                    for (int n = 0; n < batch; n++) {
                        biasSum += outputGradient.get(n * g.outputs() + o);
                    }
                    biasGradient.set(o, biasSum);
                    for (int i = 0; i < g.inputs(); i++) {
                        double sum = 0;
                        for (int n = 0; n < batch; n++) {
                            sum += outputGradient.get(n * g.outputs() + o) * input.get(n * g.inputs() + i);
                        }
                        weightsGradient.set(o * g.inputs() + i, sum);
                    }
                }));
    }
}
