package lenet5.ops;

import static lenet5.nn.Layer.Conv5x5.KERNEL;
import static lenet5.ops.ReferenceLoops.inParallel;
import static lenet5.ops.ReferenceLoops.within;

/** The reference's 5x5 convolution: its output, and the gradients by its input and by its weights. */
final class ReferenceConvolution {

    private ReferenceConvolution() {}

    static Operation forward(HostTensor input, HostTensor weights, HostTensor bias, HostTensor output) {
        ConvGeometry g = ConvGeometry.of("conv5x5Forward", input, weights, bias, output);
        return within(
                g.capacity(),
                batch -> inParallel(batch, n -> {
                    for (int o = 0; o < g.outputMaps(); o++) {
                        for (int r = 0; r < g.outputHeight(); r++) {
                            for (int c = 0; c < g.outputWidth(); c++) {
                                double sum = bias.get(o);
                                for (int i = 0; i < g.inputMaps(); i++) {
                                    for (int u = 0; u < KERNEL; u++) {
                                        int w = ((o * g.inputMaps() + i) * KERNEL + u) * KERNEL;
                                        int x = ((n * g.inputMaps() + i) * g.inputHeight() + r + u) * g.inputWidth()
                                                + c;
                                        for (int v = 0; v < KERNEL; v++) {
                                            sum += weights.get(w + v) * input.get(x + v);
                                        }
                                    }
                                }
                                output.set(
                                        ((n * g.outputMaps() + o) * g.outputHeight() + r) * g.outputWidth() + c, sum);
                            }
                        }
                    }
                }));
    }

    static Operation backwardInput(HostTensor outputGradient, HostTensor weights, HostTensor inputGradient) {
        ConvGeometry g = ConvGeometry.of("conv5x5BackwardInput", inputGradient, weights, outputGradient);
        return within(
                g.capacity(),
                batch -> inParallel(batch, n -> {
                    for (int i = 0; i < g.inputMaps(); i++) {
                        for (int r = 0; r < g.inputHeight(); r++) {
                            for (int c = 0; c < g.inputWidth(); c++) {
                                inputGradient.set(
                                        ((n * g.inputMaps() + i) * g.inputHeight() + r) * g.inputWidth() + c,
                                        convInputGradient(g, outputGradient, weights, n, i, r, c));
                            }
                        }
                    }
                }));
    }

    /** The sum over the output maps and those taps (u, v) for which (r - u, c - v) lies in the output. */
    private static double convInputGradient(
            ConvGeometry g, HostTensor outputGradient, HostTensor weights, int n, int i, int r, int c) {
        int firstU = Math.max(0, r - g.outputHeight() + 1);
        int lastU = Math.min(KERNEL - 1, r);
        int firstV = Math.max(0, c - g.outputWidth() + 1);
        int lastV = Math.min(KERNEL - 1, c);
        double sum = 0;
        for (int o = 0; o < g.outputMaps(); o++) {
            for (int u = firstU; u <= lastU; u++) {
                int w = ((o * g.inputMaps() + i) * KERNEL + u) * KERNEL;
                int dy = ((n * g.outputMaps() + o) * g.outputHeight() + r - u) * g.outputWidth() + c;
                for (int v = firstV; v <= lastV; v++) {
                    sum += weights.get(w + v) * outputGradient.get(dy - v);
                }
            }
        }
        return sum;
    }

    static Operation backwardWeights(
            HostTensor input, HostTensor outputGradient, HostTensor weightsGradient, HostTensor biasGradient) {
        ConvGeometry g =
                ConvGeometry.of("conv5x5BackwardWeights", input, weightsGradient, biasGradient, outputGradient);
        return within(
                g.capacity(),
                batch -> inParallel(g.outputMaps(), o -> {
                    double biasSum = 0;
                    for (int n = 0; n < batch; n++) {
                        int dy = (n * g.outputMaps() + o) * g.outputHeight() * g.outputWidth();
                        for (int p = 0; p < g.outputHeight() * g.outputWidth(); p++) {
                            biasSum += outputGradient.get(dy + p);
                        }
                    }
                    biasGradient.set(o, biasSum);
                    for (int i = 0; i < g.inputMaps(); i++) {
                        for (int u = 0; u < KERNEL; u++) {
                            for (int v = 0; v < KERNEL; v++) {
                                weightsGradient.set(
                                        ((o * g.inputMaps() + i) * KERNEL + u) * KERNEL + v,
                                        convWeightGradient(g, input, outputGradient, batch, o, i, u, v));
                            }
                        }
                    }
                }));
    }

    private static double convWeightGradient(
            ConvGeometry g, HostTensor input, HostTensor outputGradient, int batch, int o, int i, int u, int v) {
        double sum = 0;
        for (int n = 0; n < batch; n++) {
            for (int r = 0; r < g.outputHeight(); r++) {
                int x = ((n * g.inputMaps() + i) * g.inputHeight() + r + u) * g.inputWidth() + v;
                int dy = ((n * g.outputMaps() + o) * g.outputHeight() + r) * g.outputWidth();
                for (int c = 0; c < g.outputWidth(); c++) {
                    sum += outputGradient.get(dy + c) * input.get(x + c);
                }
            }
        }
        return sum;
    }
}
