package lenet5.opencl;

import static org.jocl.CL.*;

import java.util.List;
import java.util.function.IntFunction;
import lenet5.ops.Work;
import org.jocl.CLException;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_event;
import org.jocl.cl_kernel;

/** A kernel bound to its buffers, ready to be enqueued any number of times without allocating. */
public final class Launch extends Resource {

    private static final int AXES = 3;

    private final DeviceContext context;
    private final Program program;
    private final String name;
    private final cl_kernel kernel;
    private final long[] local = new long[AXES];
    private final long[] global = new long[AXES];
    private final DeviceBuffer[] buffers;
    private final int[] ints;
    private final boolean[] isSet;
    private final int[] argument = new int[1];
    private final Pointer argumentPointer = Pointer.to(argument);
    private IntFunction<Work> work = batch -> new Work(0, 0);

    Launch(DeviceContext context, Program program, String name, List<DeviceBuffer> buffers) {
        this.context = context;
        this.program = program;
        this.name = name;
        this.buffers = buffers.toArray(DeviceBuffer[]::new);
        try {
            this.kernel = clCreateKernel(program.handle, name, null);
        } catch (CLException e) {
            throw failure("cannot create", e);
        }
        try {
            checkLimits();
            int arguments = argumentCount();
            if (arguments < buffers.size()) {
                throw failure("takes " + arguments + " arguments, not " + buffers.size() + " buffers:", null);
            }
            this.ints = new int[arguments - buffers.size()];
            this.isSet = new boolean[ints.length];
            for (int i = 0; i < buffers.size(); i++) {
                setBuffer(i, buffers.get(i));
            }
        } catch (RuntimeException e) {
            clReleaseKernel(kernel);
            throw e;
        }
    }

    /** Tells the profile what a run with its last int argument, the batch, has to do. */
    public Launch doing(IntFunction<Work> workOfBatch) {
        this.work = workOfBatch;
        return this;
    }

    /**
     * Enqueues the kernel over at least {@code x} by {@code y} by {@code z} work-items, rounded up to whole work-groups.
     * Its two int arguments, those after the buffers, become {@code first} and {@code batch}.
     *
     * @throws IllegalStateException if it, a buffer of it or the context is closed
     * @throws OpenClException naming kernel, macros and device
     */
    public void run(long x, long y, long z, int first, int batch) {
        requireReady(2);
        setInt(0, first);
        setInt(1, batch);
        enqueue(x, y, z, batch);
    }

    /** As the other {@code run}, for a kernel with one int argument. */
    public void run(long x, long y, long z, int batch) {
        requireReady(1);
        setInt(0, batch);
        enqueue(x, y, z, batch);
    }

    /** As the others, for a kernel that takes {@code count} images from {@code first} on in batches of up to {@code most}. */
    public void run(long x, long y, long z, int first, int most, int count) {
        requireReady(3);
        setInt(0, first);
        setInt(1, most);
        setInt(2, count);
        enqueue(x, y, z, count);
    }

    private void requireReady(int given) {
        requireOpen();
        for (DeviceBuffer buffer : buffers) {
            buffer.requireOpen();
        }
        if (ints.length != given) {
            throw failure("takes " + ints.length + " int arguments, not " + given + ":", null);
        }
    }

    private void enqueue(long x, long y, long z, int batch) {
        global[0] = roundUp(x, local[0]);
        global[1] = roundUp(y, local[1]);
        global[2] = roundUp(z, local[2]);
        Profile profile = context.profiler();
        cl_event event = profile == null ? null : new cl_event();
        try {
            clEnqueueNDRangeKernel(context.queue, kernel, AXES, null, global, local, 0, null, event);
        } catch (CLException e) {
            throw failure("cannot enqueue", e);
        }
        if (profile != null) {
            profile.add(name, event, work.apply(batch));
        }
    }

    private void setInt(int index, int value) {
        if (isSet[index] && ints[index] == value) {
            return;
        }
        argument[0] = value;
        try {
            clSetKernelArg(kernel, buffers.length + index, Sizeof.cl_int, argumentPointer);
        } catch (CLException e) {
            throw failure("cannot set int argument " + index + " of", e);
        }
        ints[index] = value;
        isSet[index] = true;
    }

    private void setBuffer(int index, DeviceBuffer buffer) {
        if (buffer.context() != context) {
            throw new IllegalArgumentException(buffer + " belongs to another context than kernel " + name);
        }
        try {
            clSetKernelArg(kernel, index, Sizeof.cl_mem, buffer.argument());
        } catch (CLException e) {
            throw failure("cannot set argument " + index + " to " + buffer + " of", e);
        }
    }

    /**
     * The work-group's extents are the kernel's own: they stand once, in its source. CL_KERNEL_WORK_GROUP_SIZE is not asked:
     * NVIDIA's driver says 256 of kernels that it builds for 512 work-items and runs rightly.
     */
    private void checkLimits() {
        Device.Facts facts = context.device().facts();
        groupInfo(CL_KERNEL_COMPILE_WORK_GROUP_SIZE, local);
        long size = local[0] * local[1] * local[2];
        if (size < 1 || size > facts.maxWorkGroupSize()) {
            throw failure(
                    "work-groups of " + size + " work-items, the device takes 1 to " + facts.maxWorkGroupSize()
                            + ", in",
                    null);
        }
        long localMemory = localBytes();
        if (localMemory > facts.localMemoryBytes() && !facts.hasAmpleLocalMemory()) {
            throw failure(
                    localMemory + " bytes of local memory exceed the device's " + facts.localMemoryBytes() + " for",
                    null);
        }
    }

    /** Local memory of a work-group, as the driver counts it. */
    public long localBytes() {
        return groupInfo(CL_KERNEL_LOCAL_MEM_SIZE, new long[1]);
    }

    private long groupInfo(int fact, long[] value) {
        long bytes = (long) value.length * Long.BYTES;
        clGetKernelWorkGroupInfo(kernel, context.device().id, fact, bytes, Pointer.to(value), null);
        return value[0];
    }

    private int argumentCount() {
        clGetKernelInfo(kernel, CL_KERNEL_NUM_ARGS, Sizeof.cl_uint, argumentPointer, null);
        return argument[0];
    }

    private OpenClException failure(String what, CLException cause) {
        String message = what + " kernel " + name + " of " + program + " on " + context.device();
        return cause == null ? new OpenClException(message) : new OpenClException(message, cause);
    }

    private static long roundUp(long count, long multiple) {
        return (count + multiple - 1) / multiple * multiple;
    }

    @Override
    void release() {
        context.disown(this);
        clReleaseKernel(kernel);
    }

    @Override
    public String toString() {
        return "kernel " + name;
    }
}
