package lenet5.export;

import lenet5.data.Mnist;
import lenet5.nn.Shape;

/**
 * The images that an exported model takes.
 *
 * @param shape of one image, as the network's input without the padding
 * @param padding the zeros on each side of a map that make it the network's input
 */
record InputImage(Shape shape, int padding) {

    /** MNIST's 28x28 pixels where {@code input} is maps that they fit, centred; else {@code input} itself. */
    static InputImage of(Shape input) {
        if (input.rank() == 3 && input.extent(1) == input.extent(2)) {
            int excess = input.extent(1) - Mnist.SIZE;
            if (excess >= 0 && excess % 2 == 0) {
                return new InputImage(Shape.of(input.extent(0), Mnist.SIZE, Mnist.SIZE), excess / 2);
            }
        }
        return new InputImage(input, 0);
    }
}
