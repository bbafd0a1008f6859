package lenet5.ops;

import static lenet5.nn.Layer.AveragePool2x2.WINDOW;
import static lenet5.ops.ReferenceLoops.inParallel;
import static lenet5.ops.ReferenceLoops.within;

/** The reference's 2x2 average pooling, forward and backward. */
final class ReferencePooling {

    private ReferencePooling() {}

    static Operation forward(HostTensor input, HostTensor output) {
        PoolGeometry g = PoolGeometry.of("averagePool2x2Forward", input, output);
        int width = WINDOW * g.outputWidth();
        return within(
                g.capacity(),
                batch -> inParallel(batch, n -> {
                    int rows = g.maps() * g.outputHeight();
                    for (int row = n * rows; row < (n + 1) * rows; row++) {
                        for (int c = 0; c < g.outputWidth(); c++) {
                            int x = WINDOW * (row * width + c);
                            double sum =
                                    input.get(x) + input.get(x + 1) + input.get(x + width) + input.get(x + width + 1);
                            output.set(row * g.outputWidth() + c, sum / (WINDOW * WINDOW));
                        }
                    }
                }));
    }

    static Operation backward(HostTensor outputGradient, HostTensor inputGradient) {
        PoolGeometry g = PoolGeometry.of("averagePool2x2Backward", inputGradient, outputGradient);
        int width = WINDOW * g.outputWidth();
        return within(
                g.capacity(),
                batch -> inParallel(batch, n -> {
                    int rows = g.maps() * WINDOW * g.outputHeight();
                    for (int row = n * rows; row < (n + 1) * rows; row++) {
                        for (int c = 0; c < width; c++) {
                            double dy = outputGradient.get(row / WINDOW * g.outputWidth() + c / WINDOW);
                            inputGradient.set(row * width + c, dy / (WINDOW * WINDOW));
                        }
                    }
                }));
    }
}
