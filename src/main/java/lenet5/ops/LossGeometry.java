package lenet5.ops;

import lenet5.nn.Shape;

/**
 * The extents of the softmax cross-entropy, taken from its tensors.
 *
 * @param capacity images the tensors hold
 * @param classes length of the logits
 */
public record LossGeometry(int capacity, int classes) {

    /**
     * Checks the tensors against one another.
     *
     * @throws IllegalArgumentException naming the tensor that does not fit
     */
    public static LossGeometry of(Tensor logits, Tensor labels, Tensor gradient, Tensor loss, Tensor correct) {
        String operation = "softmaxCrossEntropy";
        Require.rank(operation, "logits", logits, ElementType.FLOAT, 2);
        LossGeometry g =
                new LossGeometry(logits.shape().extent(0), logits.shape().extent(1));
        Require.shape(operation, "gradient", gradient, logits.shape());
        Shape perImage = Shape.of(g.capacity);
        Require.shape(operation, "labels", labels, ElementType.INT, perImage);
        Require.shape(operation, "loss", loss, perImage);
        Require.shape(operation, "correct", correct, ElementType.INT, perImage);
        return g;
    }

    /** About five operations a class: the maximum, the difference, the exponential, the sum, the quotient. */
    public Work work(int batch) {
        long logits = (long) batch * classes;
        return Work.of(5 * logits, 2 * logits + 3L * batch);
    }
}
