package lenet5.opencl;

import java.util.List;
import java.util.Map;
import lenet5.ops.Gather;
import lenet5.ops.GatherGeometry;
import lenet5.ops.Require;

/** The launch of {@code kernels/ops/gather.cl}. */
final class OpenClGather implements Gather {

    private final GatherGeometry g;
    private final DeviceBuffer order;
    private final DeviceBuffer scale;
    private final Launch launch;

    OpenClGather(
            DeviceContext context,
            DeviceBuffer images,
            DeviceBuffer labels,
            DeviceBuffer order,
            float white,
            float mean,
            DeviceBuffer batchImages,
            DeviceBuffer batchLabels) {
        this.g = GatherGeometry.of(images, labels, order, batchImages, batchLabels);
        this.order = order;
        this.scale = context.constants(white, mean);
        this.launch = context.bind(
                        "ops/gather",
                        "gather",
                        Map.of("H", g.height(), "W", g.width(), "PADDING", g.padding()),
                        List.of(images, labels, order, scale, batchImages, batchLabels))
                .doing(g::work);
    }

    @Override
    public void run(int first, int batch) {
        Require.batch(batch, g.capacity());
        Require.positions(order, first, batch);
        launch.run((long) g.paddedWidth() * g.paddedHeight(), batch, 1, first, batch);
    }

    @Override
    public void close() {
        launch.close();
        scale.close();
    }
}
