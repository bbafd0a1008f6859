package lenet5.opencl;

import static org.jocl.CL.*;

import java.util.Locale;
import org.jocl.cl_device_id;
import org.jocl.cl_platform_id;

/** An OpenCL device of this machine, with the facts that choosing and tuning need. */
public final class Device {

    /** What kind of processor a device is; the order is the order of preference. */
    public enum Type {
        GPU,
        ACCELERATOR,
        CPU
    }

    /**
     * What the driver says of a device.
     *
     * @param platform the driver's platform name
     * @param platformVersion its OpenCL version and release
     * @param name the device
     * @param vendor who made it
     * @param type what it is
     * @param version the OpenCL version it supports
     * @param driver the driver's version
     * @param computeUnits its cores or multiprocessors
     * @param clockMegahertz the highest clock
     * @param globalMemoryBytes its memory
     * @param localMemoryBytes memory one work-group shares
     * @param maxWorkGroupSize work-items one group may have
     * @param baseAddressAlignmentBytes what a sub-buffer's origin must be a multiple of
     * @param computeCapability NVIDIA's number of the architecture, its major part; 0 elsewhere
     */
    public record Facts(
            String platform,
            String platformVersion,
            String name,
            String vendor,
            Type type,
            String version,
            String driver,
            int computeUnits,
            int clockMegahertz,
            long globalMemoryBytes,
            long localMemoryBytes,
            long maxWorkGroupSize,
            int baseAddressAlignmentBytes,
            int computeCapability) {

        /** The architecture of which it is known that kernels may have more local memory than its driver says: Hopper. */
        private static final int AMPLE_CAPABILITY = 9;

        private static final long AMPLE_LOCAL_MEMORY_BYTES = 200 << 10;

        /** What compiled kernels and measured times belong to: the device and every version of its driver. */
        public String identity() {
            return String.join("\n", platform, platformVersion, name, version, driver);
        }

        /** Whether the driver is PoCL. */
        public boolean isPocl() {
            return platform.equals("Portable Computing Language");
        }

        /** Whether the driver is NVIDIA's. */
        public boolean isNvidia() {
            return platform.startsWith("NVIDIA");
        }

        /** Whether kernels' own arrays are known to have more local memory than the driver says. */
        boolean hasAmpleLocalMemory() {
            return isNvidia() && computeCapability == AMPLE_CAPABILITY;
        }

        /** What they may have there; whether it works here, {@link LocalMemoryProbe} finds out. */
        long mostLocalMemoryBytes() {
            return hasAmpleLocalMemory() ? Math.max(localMemoryBytes, AMPLE_LOCAL_MEMORY_BYTES) : localMemoryBytes;
        }

        /** The same device with so much local memory. */
        Facts withLocalMemory(long bytes) {
            return new Facts(
                    platform,
                    platformVersion,
                    name,
                    vendor,
                    type,
                    version,
                    driver,
                    computeUnits,
                    clockMegahertz,
                    globalMemoryBytes,
                    bytes,
                    maxWorkGroupSize,
                    baseAddressAlignmentBytes,
                    computeCapability);
        }
    }

    /** Of the extension cl_nv_device_attribute_query. */
    private static final int CL_DEVICE_COMPUTE_CAPABILITY_MAJOR_NV = 0x4000;

    final cl_platform_id platformId;
    final cl_device_id id;
    private final Facts facts;

    Device(cl_platform_id platformId, cl_device_id id) {
        this.platformId = platformId;
        this.id = id;
        String platform = OpenCl.text(platformId, CL_PLATFORM_NAME);
        boolean hasCapability = OpenCl.text(id, CL_DEVICE_EXTENSIONS).contains("cl_nv_device_attribute_query");
        this.facts = new Facts(
                platform,
                OpenCl.text(platformId, CL_PLATFORM_VERSION),
                OpenCl.text(id, CL_DEVICE_NAME),
                OpenCl.text(id, CL_DEVICE_VENDOR),
                type(OpenCl.number(id, CL_DEVICE_TYPE)),
                OpenCl.text(id, CL_DEVICE_VERSION),
                OpenCl.text(id, CL_DRIVER_VERSION),
                (int) OpenCl.number(id, CL_DEVICE_MAX_COMPUTE_UNITS),
                (int) OpenCl.number(id, CL_DEVICE_MAX_CLOCK_FREQUENCY),
                OpenCl.number(id, CL_DEVICE_GLOBAL_MEM_SIZE),
                OpenCl.number(id, CL_DEVICE_LOCAL_MEM_SIZE),
                OpenCl.number(id, CL_DEVICE_MAX_WORK_GROUP_SIZE),
                (int) OpenCl.number(id, CL_DEVICE_MEM_BASE_ADDR_ALIGN) / Byte.SIZE,
                hasCapability ? (int) OpenCl.number(id, CL_DEVICE_COMPUTE_CAPABILITY_MAJOR_NV) : 0);
    }

    /** {@code device} with other facts, which everything goes by: how a lesser device is tried on this one. */
    Device(Device device, Facts facts) {
        this.platformId = device.platformId;
        this.id = device.id;
        this.facts = facts;
    }

    private static Type type(long bits) {
        if ((bits & CL_DEVICE_TYPE_GPU) != 0) {
            return Type.GPU;
        }
        return (bits & CL_DEVICE_TYPE_CPU) != 0 ? Type.CPU : Type.ACCELERATOR;
    }

    public Facts facts() {
        return facts;
    }

    /** Whether {@code part} occurs in the platform's or the device's name, in any case. */
    public boolean isNamed(String part) {
        return (facts.platform + " " + facts.name).toLowerCase(Locale.ROOT).contains(part.toLowerCase(Locale.ROOT));
    }

    /** The device and its platform, for people. */
    @Override
    public String toString() {
        return facts.name + " (" + facts.platform + ")";
    }
}
