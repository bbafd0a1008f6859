package lenet5.opencl;

import java.util.List;
import java.util.Map;
import lenet5.nn.Shape;
import lenet5.ops.ElementType;

/** Finds out whether groups have more local memory than the driver says, where that is known of other such devices. */
public final class LocalMemoryProbe {

    private static final int SALT = 12_345;
    private static final int WORK_ITEMS = 256;
    /** So that units have a second group while, or after, they have the first. */
    private static final int GROUPS_A_UNIT = 2;

    private LocalMemoryProbe() {}

    /** The device's facts, with all the local memory that it may have if a kernel with so much runs rightly. */
    public static Device.Facts facts(Device device) {
        Device.Facts facts = device.facts();
        long most = facts.mostLocalMemoryBytes();
        return most > facts.localMemoryBytes() && works(device, most) ? facts.withLocalMemory(most) : facts;
    }

    /** In a context of its own, which a launch that fails may leave unusable. */
    private static boolean works(Device device, long bytes) {
        int ints = Math.toIntExact(bytes / Integer.BYTES);
        try (DeviceContext context = DeviceContext.open(device)) {
            DeviceBuffer wrong = context.allocate(ElementType.INT, Shape.of(1));
            wrong.clear();
            Launch launch = context.bind(
                    "probes/local_memory_probe", "local_memory_probe", Map.of("LOCAL", ints), List.of(wrong));
            long groups = (long) GROUPS_A_UNIT * device.facts().computeUnits();
            launch.run(groups * WORK_ITEMS, 1, 1, SALT);
            return wrong.readInts()[0] == 0;
        } catch (RuntimeException e) { // whatever the driver fails with, it was right
            return false;
        }
    }
}
