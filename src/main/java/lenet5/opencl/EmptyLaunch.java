package lenet5.opencl;

import java.util.List;
import java.util.Map;
import lenet5.nn.Shape;
import lenet5.ops.ElementType;

/** What a launch that has nothing to do takes by the device's clock, as a profile has it. */
final class EmptyLaunch {

    private static final int RUNS = 50;
    private static final int ROUNDS = 5;

    private EmptyLaunch() {}

    /** The seconds of one among many: the least of a few means, since nothing makes a launch faster than it is. */
    static double seconds(DeviceContext context, Profile profile) {
        double least = Double.MAX_VALUE;
        try (DeviceBuffer nothing = context.allocate(ElementType.INT, Shape.of(1));
                Launch launch = context.bind("probes/empty_launch", "empty_launch", Map.of(), List.of(nothing))) {
            for (int round = 0; round < ROUNDS; round++) {
                for (int run = 0; run < RUNS; run++) {
                    launch.run(1, 1, 1, 0);
                }
                least = Math.min(least, profile.rows(0).get(0).seconds() / RUNS);
                profile.restart();
            }
        }
        return least;
    }
}
