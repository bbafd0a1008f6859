package lenet5.opencl;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import org.junit.jupiter.api.Assumptions;

/** The OpenCL device that tests run on: the best there is. Without one they are skipped, or fail if it is required. */
public final class TestDevice {

    private TestDevice() {}

    /** A new context on the device. */
    public static DeviceContext open() {
        return DeviceContext.open(device());
    }

    /** The device; under {@code -Dlimits=LOCAL_KIB,WORK_ITEMS} with no more local memory and work-items a group than that. */
    public static Device device() {
        Device best = best();
        String limits = System.getProperty("limits");
        if (limits == null) {
            return best;
        }
        String[] most = limits.split(",");
        Device.Facts facts = best.facts();
        return new Device(
                best,
                facts(
                        facts.platform(),
                        facts.driver(),
                        facts.type(),
                        facts.computeUnits(),
                        Math.min(facts.localMemoryBytes(), Long.parseLong(most[0]) << 10),
                        Math.min(facts.maxWorkGroupSize(), Long.parseLong(most[1])),
                        facts.computeCapability()));
    }

    /** Skips the test where the device has less local memory, or smaller groups. */
    public static void requireLimits(long localMemoryBytes, long workItems) {
        Device.Facts facts = device().facts();
        Assumptions.assumeTrue(
                facts.localMemoryBytes() >= localMemoryBytes && facts.maxWorkGroupSize() >= workItems,
                () -> "skipped: " + facts.localMemoryBytes() + " bytes of local memory, groups of "
                        + facts.maxWorkGroupSize());
    }

    private static Device best() {
        Devices devices = Devices.discover();
        return devices.best(any -> true).orElseGet(() -> missing("OpenCL device (" + devices.problems() + ")"));
    }

    /** The device as if it were a GPU of the least kind: 16 KiB of local memory, work-groups of up to 64. */
    public static Device maskedGpu() {
        return new Device(
                device(),
                facts(device().facts().platform(), device().facts().driver(), Device.Type.GPU, 1, 16 << 10, 64, 0));
    }

    /** The device with the limits of an H100, whose driver it has by name alone. What is NVIDIA's own stays off foreign compilers. */
    public static Device h100() {
        Device.Facts facts = best().facts();
        Assumptions.assumeTrue(
                facts.isPocl() || facts.isNvidia(), () -> "skipped: no H100's facts on " + facts.platform());
        String untuned = facts.driver() + " of tests";
        return new Device(device(), facts("NVIDIA CUDA", untuned, Device.Type.GPU, 132, 48 << 10, 1024, 9));
    }

    /** The device with other facts. */
    public static Device with(Device.Facts facts) {
        return new Device(best(), facts);
    }

    /** The device as if its driver had another name. */
    public static Device onPlatform(String platform) {
        Device.Facts facts = device().facts();
        return new Device(
                device(),
                facts(
                        platform,
                        facts.driver(),
                        facts.type(),
                        facts.computeUnits(),
                        facts.localMemoryBytes(),
                        facts.maxWorkGroupSize(),
                        0));
    }

    private static Device.Facts facts(
            String platform,
            String driver,
            Device.Type type,
            int computeUnits,
            long localMemoryBytes,
            long maxWorkGroupSize,
            int computeCapability) {
        Device.Facts facts = best().facts();
        return new Device.Facts(
                platform,
                facts.platformVersion(),
                facts.name(),
                facts.vendor(),
                type,
                facts.version(),
                driver,
                computeUnits,
                facts.clockMegahertz(),
                facts.globalMemoryBytes(),
                localMemoryBytes,
                maxWorkGroupSize,
                facts.baseAddressAlignmentBytes(),
                computeCapability);
    }

    /** Skips the test for want of {@code what}; fails under {@code -Dopencl=required}. */
    public static <T> T missing(String what) {
        if ("required".equals(System.getProperty("opencl"))) {
            return fail("no " + what + ", but -Dopencl=required");
        }
        return abort("skipped: no " + what);
    }
}
