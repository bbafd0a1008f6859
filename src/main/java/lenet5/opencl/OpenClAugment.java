package lenet5.opencl;

import java.util.List;
import java.util.Map;
import lenet5.ops.Augment;
import lenet5.ops.Augmentation;

/** The launch of {@code kernels/ops/augment.cl}. */
final class OpenClAugment implements Augment {

    private final Augmentation a;
    private final int count;
    private final Launch launch;

    OpenClAugment(DeviceContext context, DeviceBuffer images, DeviceBuffer augmented) {
        this.a = Augmentation.of(images, augmented);
        this.count = images.shape().extent(0);
        Map<String, Integer> defines = Map.of(
                "H", a.height(),
                "W", a.width(),
                "FRACTION", Augmentation.FRACTION,
                "TURN", Augmentation.TURN,
                "STRETCH", Augmentation.STRETCH,
                "SLANT", Augmentation.SLANT,
                "SHIFT", Augmentation.SHIFT,
                "BEND", Augmentation.BEND,
                "CELL_BITS", Augmentation.CELL_BITS);
        this.launch = context.bind("ops/augment", "augment", defines, List.of(images, augmented))
                .doing(a::work);
    }

    @Override
    public void run(int key) {
        launch.run((long) a.height() * a.width(), count, 1, key, count);
    }

    @Override
    public void close() {
        launch.close();
    }
}
