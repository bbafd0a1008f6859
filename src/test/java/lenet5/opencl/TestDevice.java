package lenet5.opencl;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

/** The OpenCL device that tests run on: the best there is. Without one they are skipped, or fail if it is required. */
public final class TestDevice {

    private TestDevice() {}

    /** A new context on the device. */
    public static DeviceContext open() {
        return DeviceContext.open(device());
    }

    /** The device. */
    public static Device device() {
        Devices devices = Devices.discover();
        return devices.best(any -> true).orElseGet(() -> missing("OpenCL device (" + devices.problems() + ")"));
    }

    /** The device as if it were a GPU of the least kind: 16 KiB of local memory, work-groups of up to 64. */
    static Device maskedGpu() {
        return new Device(device(), facts(device().facts().platform(), Device.Type.GPU, 1, 16 << 10, 64));
    }

    /** The device as if its driver had another name. */
    static Device onPlatform(String platform) {
        Device.Facts facts = device().facts();
        return new Device(
                device(),
                facts(
                        platform,
                        facts.type(),
                        facts.computeUnits(),
                        facts.localMemoryBytes(),
                        facts.maxWorkGroupSize()));
    }

    private static Device.Facts facts(
            String platform, Device.Type type, int computeUnits, long localMemoryBytes, long maxWorkGroupSize) {
        Device.Facts facts = device().facts();
        return new Device.Facts(
                platform,
                facts.platformVersion(),
                facts.name(),
                facts.vendor(),
                type,
                facts.version(),
                facts.driver(),
                computeUnits,
                facts.clockMegahertz(),
                facts.globalMemoryBytes(),
                localMemoryBytes,
                maxWorkGroupSize,
                facts.baseAddressAlignmentBytes());
    }

    /** Skips the test for want of {@code what}; fails under {@code -Dopencl=required}. */
    public static <T> T missing(String what) {
        if ("required".equals(System.getProperty("opencl"))) {
            return fail("no " + what + ", but -Dopencl=required");
        }
        return abort("skipped: no " + what);
    }
}
