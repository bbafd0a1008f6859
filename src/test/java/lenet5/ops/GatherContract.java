package lenet5.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.SplittableRandom;
import lenet5.nn.Shape;

/** What every implementation of {@link Ops#gather} owes: the reference's batch. */
public final class GatherContract {

    private static final int STORED = 11;

    private GatherContract() {}

    /** Gathers images from the middle of an order on {@code ops} and on the reference, and compares. */
    public static <T extends Tensor> void check(Ops<T> ops) {
        ReferenceOps reference = ReferenceOps.inFloat();
        Gathered<HostTensor> expected = gather(reference);
        Gathered<T> actual = gather(ops);
        assertArrayEquals(reference.readInts(expected.labels), ops.readInts(actual.labels));
        assertArrayEquals(reference.readFloats(expected.images), ops.readFloats(actual.images), 1e-6f);
    }

    private record Gathered<T extends Tensor>(T images, T labels) {}

    private static <T extends Tensor> Gathered<T> gather(Ops<T> ops) {
        SplittableRandom random = new SplittableRandom(3);
        byte[] pixels = new byte[STORED * 28 * 28];
        random.nextBytes(pixels);
        T stored = ops.allocate(ElementType.BYTE, Shape.of(STORED, 28, 28));
        ops.write(stored, pixels);
        T storedLabels = ops.allocate(ElementType.INT, Shape.of(STORED));
        ops.write(storedLabels, random.ints(STORED, 0, 10).toArray());
        T order = ops.allocate(ElementType.INT, Shape.of(6));
        ops.write(order, new int[] {10, 3, 3, 0, 7, 1});
        T images = ops.allocate(ElementType.FLOAT, Shape.of(4, 1, 32, 32));
        T labels = ops.allocate(ElementType.INT, Shape.of(4));
        ops.gather(stored, storedLabels, order, 255, 0.1f, images, labels).run(2, 3);
        return new Gathered<>(images, labels);
    }
}
