package lenet5.opencl;

import static org.jocl.CL.*;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import lenet5.engine.ProfileRow;
import lenet5.nn.Shape;
import lenet5.ops.ElementType;
import org.jocl.CLException;
import org.jocl.cl_command_queue;
import org.jocl.cl_context;
import org.jocl.cl_context_properties;
import org.jocl.cl_device_id;

/**
 * A device ready for work: its OpenCL context, one in-order queue, the programs built for it and the buffers on it. What
 * was allocated last is released first when the context closes; closing twice does nothing, use after closing throws.
 *
 * <pre>{@code
 * try (DeviceContext context = DeviceContext.open(device)) {
 *     DeviceBuffer buffer = context.allocate(ElementType.FLOAT, Shape.of(2, 3));
 *     buffer.write(new float[] {1, 2, 3, 4, 5, 6});
 * }
 * }</pre>
 */
public final class DeviceContext extends Resource {

    private final Device device;
    final cl_context context;
    final cl_command_queue queue;
    private final Profile profile;
    /** Of an empty launch, if profiling. */
    private double launchSeconds;

    private final ProgramCache binaries;
    private final Map<Program.Key, Program> programs = new HashMap<>();
    private final Deque<Resource> owned = new ArrayDeque<>();

    private DeviceContext(Device device, boolean profiling) {
        this.device = device;
        cl_context_properties properties = new cl_context_properties();
        properties.addProperty(CL_CONTEXT_PLATFORM, device.platformId);
        this.context = clCreateContext(properties, 1, new cl_device_id[] {device.id}, null, null, null);
        try {
            this.queue = createQueue(profiling);
        } catch (CLException e) {
            clReleaseContext(context);
            throw e;
        }
        this.profile = profiling ? new Profile() : null;
        this.binaries = new ProgramCache(device);
    }

    /** OpenCL 2 has a newer call for the same, which version 1.2 drivers lack. */
    @SuppressWarnings("deprecation")
    private cl_command_queue createQueue(boolean profiling) {
        return clCreateCommandQueue(context, device.id, profiling ? CL_QUEUE_PROFILING_ENABLE : 0, null);
    }

    /**
     * Opens {@code device}.
     *
     * @throws OpenClException if the driver refuses
     */
    public static DeviceContext open(Device device) {
        return open(device, false);
    }

    /**
     * Opens {@code device} and times every launch, which slows short ones down; see {@link #profile}.
     *
     * @throws OpenClException if the driver refuses
     */
    public static DeviceContext openProfiling(Device device) {
        return open(device, true);
    }

    private static DeviceContext open(Device device, boolean profiling) {
        DeviceContext context;
        try {
            context = new DeviceContext(device, profiling);
        } catch (CLException e) {
            throw new OpenClException("cannot open " + device, e);
        }
        if (profiling) {
            context.measureLaunch();
        }
        return context;
    }

    private void measureLaunch() {
        try {
            launchSeconds = EmptyLaunch.seconds(this, profile);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    public Device device() {
        return device;
    }

    /**
     * A new buffer of undefined content, owned by this context.
     *
     * @throws OpenClException if the device's memory does not suffice
     */
    public DeviceBuffer allocate(ElementType type, Shape shape) {
        requireOpen();
        return own(new DeviceBuffer(this, type, shape));
    }

    /** A new buffer of {@code values}. */
    DeviceBuffer constants(float... values) {
        DeviceBuffer buffer = allocate(ElementType.FLOAT, Shape.of(values.length));
        buffer.write(values);
        return buffer;
    }

    /**
     * Binds a kernel of {@code kernels/FILE.cl} to its arguments.
     *
     * @param file the source's name without ending
     * @param kernel the kernel's name in it
     * @param defines the macros the source is compiled with: its geometry and tuning
     * @param buffers the kernel's buffer arguments in order; int arguments follow them and are set by {@link Launch#run}
     * @throws OpenClException if the kernel does not build, or its needs exceed the device's limits
     */
    public Launch bind(String file, String kernel, Map<String, Integer> defines, List<DeviceBuffer> buffers) {
        return bind(Source.file(file), kernel, defines, buffers);
    }

    /** As the other {@code bind}, for any source. */
    public Launch bind(Source source, String kernel, Map<String, Integer> defines, List<DeviceBuffer> buffers) {
        requireOpen();
        Program program = programs.computeIfAbsent(
                new Program.Key(source, Map.copyOf(defines)), key -> own(new Program(this, key)));
        return own(new Launch(this, program, kernel, buffers));
    }

    /** Waits until everything enqueued is done. */
    public void finish() {
        requireOpen();
        clFinish(queue);
    }

    /**
     * The time of each kernel since the context was opened or the profile restarted, most expensive first, and how much of it
     * launches take that have nothing to do: some drivers' clocks of short kernels show little else.
     *
     * @throws IllegalStateException if the context was not opened with {@link #openProfiling}
     */
    public List<ProfileRow> profile() {
        if (profile == null) {
            throw new IllegalStateException("the context was opened without profiling");
        }
        finish();
        return profile.rows(launchSeconds);
    }

    /** Has the profile forget what ran up to now; nothing without profiling. */
    public void restartProfile() {
        if (profile != null) {
            finish();
            profile.restart();
        }
    }

    /** Null unless profiling. */
    Profile profiler() {
        return profile;
    }

    ProgramCache binaries() {
        return binaries;
    }

    <R extends Resource> R own(R resource) {
        owned.push(resource);
        return resource;
    }

    /** The programs, kernels and buffers that are open. */
    int resources() {
        return owned.size();
    }

    void disown(Resource resource) {
        owned.remove(resource);
    }

    @Override
    void release() {
        try {
            clFinish(queue);
        } catch (CLException e) {
            // A device that was lost has nothing left to wait for.
        }
        if (profile != null) {
            profile.discard();
        }
        while (!owned.isEmpty()) {
            owned.pop().close();
        }
        clReleaseCommandQueue(queue);
        clReleaseContext(context);
    }

    @Override
    public String toString() {
        return "context on " + device;
    }
}
