package lenet5.ops;

import lenet5.nn.Shape;

/** Checks shared by every implementation of {@link Ops}, whose messages name the operation, the tensor and what was expected. */
public final class Require {

    private Require() {}

    /** Refuses to copy {@code length} values into or out of a tensor of another size. */
    public static void length(Tensor tensor, int length) {
        if (tensor.shape().size() != length) {
            throw new IllegalArgumentException(
                    "a tensor of shape " + tensor.shape().dimensions() + " cannot take " + length + " values");
        }
    }

    /** Refuses a batch that reaches over the end of an order. */
    public static void positions(Tensor order, int first, int batch) {
        int end = order.shape().size();
        if (first < 0 || first > end - batch) {
            throw new IllegalArgumentException(
                    "positions " + first + " to " + (first + batch - 1) + " of an order of " + end + " images");
        }
    }

    /** Refuses a view that leaves its tensor. */
    public static void region(Tensor tensor, int offset, Shape view) {
        if (offset < 0 || offset > tensor.shape().size() - view.size()) {
            throw new IllegalArgumentException("a view of shape " + view.dimensions() + " at element " + offset
                    + " leaves its tensor of shape " + tensor.shape().dimensions());
        }
    }

    /** Refuses a batch that the tensors do not hold. */
    public static void batch(int batch, int capacity) {
        if (batch < 1 || batch > capacity) {
            throw new IllegalArgumentException("batch of " + batch + " images, expected 1 to " + capacity);
        }
    }

    /** Refuses a tensor that does not hold floats of the expected shape. */
    public static void shape(String operation, String tensor, Tensor actual, Shape expected) {
        shape(operation, tensor, actual, ElementType.FLOAT, expected);
    }

    static void shape(String operation, String tensor, Tensor actual, ElementType type, Shape expected) {
        type(operation, tensor, actual, type);
        if (!actual.shape().equals(expected)) {
            throw wrong(operation, tensor, actual, expected.dimensions().toString());
        }
    }

    static void rank(String operation, String tensor, Tensor actual, ElementType type, int rank) {
        type(operation, tensor, actual, type);
        if (actual.shape().rank() != rank) {
            throw wrong(operation, tensor, actual, rank + " axes");
        }
    }

    /** Refuses a tensor of other elements. */
    public static void type(String operation, String tensor, Tensor actual, ElementType expected) {
        if (actual.type() != expected) {
            throw new IllegalArgumentException(
                    operation + ": " + tensor + " holds " + actual.type() + ", expected " + expected);
        }
    }

    static IllegalArgumentException wrong(String operation, String tensor, Tensor actual, String expected) {
        return new IllegalArgumentException(
                operation + ": " + tensor + " has shape " + actual.shape().dimensions() + ", expected " + expected);
    }
}
