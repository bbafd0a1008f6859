package lenet5.ops;

import lenet5.nn.Activation;
import lenet5.nn.Loss;
import lenet5.nn.Shape;

/**
 * The primitive operations of training. Each method checks its tensors' shapes and returns an {@link Operation} bound to
 * them. Batched tensors share one leading extent, the capacity; layouts are {@code [images, maps, height, width]} for
 * maps and {@code [images, units]} for vectors. Outputs are overwritten unless a method says that it accumulates.
 *
 * <p>Binding throws {@link IllegalArgumentException} naming the operation, the tensor, its shape and the expected one.
 *
 * @param <T> the tensors of one place: the host's or a device's
 */
public interface Ops<T extends Tensor> extends AutoCloseable {

    /** Where the operations run, for people. */
    String device();

    /** A new tensor of zeros. */
    T allocate(ElementType type, Shape shape);

    /**
     * A tensor of {@code shape} over the elements of {@code tensor} from {@code offset} on, which must be a multiple of
     * {@link #viewAlignment}.
     */
    T view(T tensor, int offset, Shape shape);

    /** The number of elements that every view's offset must be a multiple of. */
    int viewAlignment();

    /** Frees a tensor's memory before the operations close; twice, or after that, nothing happens. */
    void release(T tensor);

    /** Copies {@code values} into a {@link ElementType#FLOAT} tensor of the same size. */
    void write(T tensor, float[] values);

    /** Copies {@code values} into an {@link ElementType#INT} tensor of the same size. */
    void write(T tensor, int[] values);

    /** Copies {@code values} into a {@link ElementType#BYTE} tensor of the same size. */
    void write(T tensor, byte[] values);

    /** Waits for what was started before and copies a FLOAT tensor to the host. */
    float[] readFloats(T tensor);

    /** Waits for what was started before and adds up a FLOAT tensor, in double and in memory order. */
    double sum(T tensor);

    /** Waits for what was started before and copies an INT tensor to the host. */
    int[] readInts(T tensor);

    /** Sets every element to zero. */
    void clear(T tensor);

    /**
     * A batch from a data set: image {@code order[first + i]} becomes row {@code i}, centred on zeros of the batch's
     * height and width, divided by {@code white}, less {@code mean}; its label goes with it.
     *
     * @param images bytes {@code [count, height, width]}
     * @param labels ints {@code [count]}
     * @param order ints {@code [n]}, indices into images and labels
     * @param batchImages floats {@code [capacity, 1, height + 2 p, width + 2 p]} for some padding p
     * @param batchLabels ints {@code [capacity]}
     */
    Gather gather(T images, T labels, T order, float white, float mean, T batchImages, T batchLabels);

    /**
     * Random variants of a data set's images: shifted, turned, stretched, slanted and bent as {@link Augmentation} defines.
     * Each byte is the same wherever it is computed.
     *
     * @param images bytes {@code [count, height, width]}
     * @param augmented bytes {@code [count, height, width]}, overwritten
     */
    Augment augment(T images, T augmented);

    /**
     * {@code y[n,o,r,c] = b[o] + sum over i,u,v of w[o,i,u,v] x[n,i,r+u,c+v]}.
     *
     * @param input x {@code [capacity, in, height, width]}
     * @param weights w {@code [out, in, 5, 5]}
     * @param bias b {@code [out]}
     * @param output y {@code [capacity, out, height - 4, width - 4]}
     */
    Operation conv5x5Forward(T input, T weights, T bias, T output);

    /** {@code dx[n,i,r,c] = sum over o,u,v of w[o,i,u,v] dy[n,o,r-u,c-v]}, terms outside dy being zero. */
    Operation conv5x5BackwardInput(T outputGradient, T weights, T inputGradient);

    /** {@code dw[o,i,u,v] = sum over n,r,c of dy[n,o,r,c] x[n,i,r+u,c+v]} and {@code db[o] = sum over n,r,c of dy}. */
    Operation conv5x5BackwardWeights(T input, T outputGradient, T weightsGradient, T biasGradient);

    /** {@code y[n,i,r,c] =} the mean of {@code x[n,i,2r..2r+1,2c..2c+1]}. */
    Operation averagePool2x2Forward(T input, T output);

    /** {@code dx[n,i,r,c] = dy[n,i,r/2,c/2] / 4}. */
    Operation averagePool2x2Backward(T outputGradient, T inputGradient);

    /** {@code y = A tanh(S x)}, element by element. */
    Operation tanhForward(Activation activation, T input, T output);

    /** {@code dx = dy (A S - S / A y^2)}, with y the forward pass's output. */
    Operation tanhBackward(Activation activation, T output, T outputGradient, T inputGradient);

    /**
     * {@code y[n,o] = b[o] + sum over i of w[o,i] x[n,i]}.
     *
     * @param input x {@code [capacity, in]}
     * @param weights w {@code [out, in]}
     * @param bias b {@code [out]}
     * @param output y {@code [capacity, out]}
     */
    Operation denseForward(T input, T weights, T bias, T output);

    /** {@code dx[n,i] = sum over o of w[o,i] dy[n,o]}. */
    Operation denseBackwardInput(T outputGradient, T weights, T inputGradient);

    /** {@code dw[o,i] = sum over n of dy[n,o] x[n,i]} and {@code db[o] = sum over n of dy[n,o]}. */
    Operation denseBackwardWeights(T input, T outputGradient, T weightsGradient, T biasGradient);

    /**
     * Softmax cross-entropy, stable for any finite logits z: {@code dz = (softmax(z) - onehot(label)) / batch}, the
     * gradient of the batch's mean loss; {@code loss[n] += log(sum exp z) - z[label]}; {@code correct[n] += 1} where the
     * largest logit (the first of equals) is the label's. Loss and counts accumulate over runs.
     *
     * @param definition whether sum and softmax take one logit more, a constant
     * @param logits z {@code [capacity, classes]}
     * @param labels ints {@code [capacity]}
     * @param gradient dz {@code [capacity, classes]}
     * @param loss floats {@code [capacity]}
     * @param correct ints {@code [capacity]}
     */
    Operation softmaxCrossEntropy(Loss definition, T logits, T labels, T gradient, T loss, T correct);

    /** {@code p -= learningRate g}, every element, whatever the batch. */
    Operation sgdUpdate(T parameters, T gradient, float learningRate);

    /** Frees every tensor and what they lie on. */
    @Override
    void close();
}
