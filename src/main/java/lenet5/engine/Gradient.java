package lenet5.engine;

import lenet5.nn.Parameters;

/**
 * One batch's mean loss and its gradient.
 *
 * @param loss mean softmax cross-entropy of the batch
 * @param values its derivative by every parameter
 */
public record Gradient(double loss, Parameters values) {}
