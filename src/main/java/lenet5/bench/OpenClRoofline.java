package lenet5.bench;

import java.util.List;
import java.util.Map;
import lenet5.nn.Shape;
import lenet5.opencl.DeviceBuffer;
import lenet5.opencl.DeviceContext;
import lenet5.opencl.Launch;
import lenet5.ops.ElementType;

/** The rates that the kernels of {@code kernels/probes/roofline.cl} reach. */
final class OpenClRoofline {

    /** Floats a work-item computes on side by side: which of them fills the device's registers best is tried out. */
    private static final int[] LANES = {1, 8, 16};

    private static final int CHAINS = 8;
    private static final int WORK_ITEMS = 1 << 15;
    private static final int COPY_LANES = 4;
    /** Floats copied: 128 MiB, more than any cache. */
    private static final int STREAMED = 1 << 25;

    private static final int REPETITIONS = 5;
    private static final double ENOUGH_SECONDS = 0.05;

    private OpenClRoofline() {}

    static Floor measure(DeviceContext context) {
        double gigaflops = 0;
        for (int lanes : LANES) {
            gigaflops = Math.max(gigaflops, multiplyAdd(context, lanes));
        }
        return new Floor(gigaflops, copy(context));
    }

    private static double multiplyAdd(DeviceContext context, int lanes) {
        try (DeviceBuffer result = context.allocate(ElementType.FLOAT, Shape.of(WORK_ITEMS, lanes))) {
            Map<String, Integer> defines = Map.of("LANES", lanes, "CHAINS", CHAINS);
            Launch launch = context.bind("probes/roofline", "multiply_add", defines, List.of(result));
            int steps = 1;
            while (seconds(context, launch, WORK_ITEMS, steps) < ENOUGH_SECONDS) {
                steps *= 2;
            }
            double flops = 2.0 * WORK_ITEMS * lanes * CHAINS * steps;
            return flops / best(context, launch, WORK_ITEMS, steps) / 1e9;
        }
    }

    private static double copy(DeviceContext context) {
        try (DeviceBuffer from = context.allocate(ElementType.FLOAT, Shape.of(STREAMED));
                DeviceBuffer to = context.allocate(ElementType.FLOAT, Shape.of(STREAMED))) {
            from.clear();
            Map<String, Integer> defines = Map.of("LANES", COPY_LANES, "CHAINS", CHAINS);
            Launch launch = context.bind("probes/roofline", "copy", defines, List.of(from, to));
            int vectors = STREAMED / COPY_LANES;
            return 2.0 * STREAMED * Float.BYTES / best(context, launch, vectors, vectors) / 1e9;
        }
    }

    private static double best(DeviceContext context, Launch launch, int workItems, int argument) {
        double best = Double.MAX_VALUE;
        for (int i = 0; i < REPETITIONS; i++) {
            best = Math.min(best, seconds(context, launch, workItems, argument));
        }
        return best;
    }

    private static double seconds(DeviceContext context, Launch launch, int workItems, int argument) {
        context.finish();
        long start = System.nanoTime();
        launch.run(workItems, 1, 1, argument);
        context.finish();
        return (System.nanoTime() - start) / 1e9;
    }
}
