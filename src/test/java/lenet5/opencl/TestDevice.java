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

    /** Skips the test for want of {@code what}; fails under {@code -Dopencl=required}. */
    public static <T> T missing(String what) {
        if ("required".equals(System.getProperty("opencl"))) {
            return fail("no " + what + ", but -Dopencl=required");
        }
        return abort("skipped: no " + what);
    }
}
