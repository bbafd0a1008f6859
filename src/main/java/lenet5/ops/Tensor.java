package lenet5.ops;

import lenet5.nn.Shape;

/** A dense row-major array of known type and shape, wherever it lies. The slowest axis of a batch counts images. */
public interface Tensor {

    ElementType type();

    Shape shape();
}
