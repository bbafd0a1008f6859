package lenet5.opencl;

import static org.jocl.CL.*;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jocl.CLException;
import org.jocl.cl_device_id;
import org.jocl.cl_platform_id;

/**
 * The OpenCL devices of this machine, best first, and why there are none or fewer than expected. Discovery never throws.
 *
 * @param all every usable device: GPUs before accelerators before CPUs, then by compute units times clock
 * @param problems a line for each thing that failed: the loader, a platform, a device
 */
public record Devices(List<Device> all, List<String> problems) {

    private static final int PLATFORM_NOT_FOUND_KHR = -1001;

    private static final Comparator<Device> BEST_FIRST = Comparator.comparing(
                    (Device device) -> device.facts().type())
            .thenComparing(device ->
                    -(long) device.facts().computeUnits() * device.facts().clockMegahertz());

    /** Asks every platform for its devices. */
    public static Devices discover() {
        if (OpenCl.failure() != null) {
            return new Devices(List.of(), List.of(OpenCl.failure()));
        }
        List<Device> found = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        for (cl_platform_id platform : platforms(problems)) {
            String name = "a platform";
            try {
                name = OpenCl.text(platform, CL_PLATFORM_NAME);
                found.addAll(devices(platform, problems));
            } catch (CLException e) {
                problems.add(name + " offers no device (" + OpenCl.firstLine(e) + ")");
            }
        }
        found.sort(BEST_FIRST);
        if (found.isEmpty() && problems.isEmpty()) {
            problems.add("no OpenCL device");
        }
        return new Devices(List.copyOf(found), List.copyOf(problems));
    }

    /** The best device that satisfies {@code wanted}. */
    public Optional<Device> best(Predicate<Device> wanted) {
        return all.stream().filter(wanted).findFirst();
    }

    private static cl_platform_id[] platforms(List<String> problems) {
        try {
            int[] count = new int[1];
            clGetPlatformIDs(0, null, count);
            cl_platform_id[] platforms = new cl_platform_id[count[0]];
            if (count[0] > 0) {
                clGetPlatformIDs(count[0], platforms, null);
            }
            return platforms;
        } catch (CLException e) {
            problems.add(
                    e.getStatus() == PLATFORM_NOT_FOUND_KHR
                            ? "no OpenCL platform: the loader is there, but finds no driver that it can load"
                            : "OpenCL platforms cannot be listed (" + OpenCl.firstLine(e) + ")");
        } catch (LinkageError e) {
            problems.add("no OpenCL loader (" + OpenCl.firstLine(e) + ")");
        }
        return new cl_platform_id[0];
    }

    private static List<Device> devices(cl_platform_id platform, List<String> problems) {
        int[] count = new int[1];
        clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, 0, null, count);
        cl_device_id[] ids = new cl_device_id[count[0]];
        clGetDeviceIDs(platform, CL_DEVICE_TYPE_ALL, ids.length, ids, null);
        List<Device> devices = new ArrayList<>();
        for (cl_device_id id : ids) {
            try {
                if (OpenCl.number(id, CL_DEVICE_AVAILABLE) != 0
                        && OpenCl.number(id, CL_DEVICE_COMPILER_AVAILABLE) != 0) {
                    devices.add(new Device(platform, id));
                } else {
                    problems.add(OpenCl.text(id, CL_DEVICE_NAME) + " is not available or has no compiler");
                }
            } catch (CLException e) {
                problems.add("a device cannot be asked for its facts (" + OpenCl.firstLine(e) + ")");
            }
        }
        return devices;
    }
}
