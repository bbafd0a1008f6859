package lenet5.engine;

import java.util.Arrays;
import java.util.stream.IntStream;
import lenet5.data.LabeledImages;
import lenet5.data.Normalization;
import lenet5.nn.Shape;
import lenet5.ops.Augment;
import lenet5.ops.Augmentation;
import lenet5.ops.ElementType;
import lenet5.ops.Gather;
import lenet5.ops.Ops;
import lenet5.ops.Tensor;

/**
 * A data set on the operations' device, with the order it is gone through and the gather bound to both.
 *
 * @param <T> the operations' tensors
 */
final class LayeredData<T extends Tensor> extends StagedImages {

    private final LayeredEngine<T> engine;
    private final Ops<T> ops;
    private final T order;
    private final Gather gather;
    private final T images;
    /** Null until it is needed. */
    private Augment augment;

    LayeredData(
            LayeredEngine<T> engine,
            Ops<T> ops,
            LabeledImages data,
            Normalization normalization,
            T batchImages,
            T batchLabels) {
        super(data);
        this.engine = engine;
        this.ops = ops;
        try {
            images = hold(ElementType.BYTE, Shape.of(count(), data.height(), data.width()));
            ops.write(images, data.pixels());
            T labels = hold(ElementType.INT, Shape.of(count()));
            ops.write(
                    labels,
                    IntStream.range(0, count()).map(i -> data.labels()[i]).toArray());
            order = hold(ElementType.INT, Shape.of(count()));
            gather = ops.gather(
                    images, labels, order, Normalization.WHITE, normalization.mean(), batchImages, batchLabels);
            onClose(gather::close);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private T hold(ElementType type, Shape shape) {
        T tensor = ops.allocate(type, shape);
        onClose(() -> ops.release(tensor));
        return tensor;
    }

    @Override
    public void augment(long seed, int epoch) {
        requireOpen();
        if (augment == null) {
            T originals = hold(ElementType.BYTE, images.shape());
            ops.write(originals, images().pixels());
            augment = ops.augment(originals, images);
            onClose(augment::close);
        }
        augment.run(Augmentation.key(seed, epoch));
    }

    LayeredEngine<T> engine() {
        return engine;
    }

    void setOrder(int[] indices) {
        requireOrder(indices);
        ops.write(order, Arrays.copyOf(indices, count()));
    }

    void setNaturalOrder() {
        setOrder(IntStream.range(0, count()).toArray());
    }

    /** Makes a batch of the images at positions {@code first} to {@code first + batch - 1} of the order. */
    void gather(int first, int batch) {
        gather.run(first, batch);
    }
}
