package lenet5.ops;

import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/** How the reference's loops run: over no more images than there is room for, shared among the common pool's threads. */
final class ReferenceLoops {

    private ReferenceLoops() {}

    static Operation within(int capacity, Operation operation) {
        return batch -> {
            Require.batch(batch, capacity);
            operation.run(batch);
        };
    }

    static void inParallel(int count, IntConsumer body) {
        IntStream.range(0, count).parallel().forEach(body);
    }
}
