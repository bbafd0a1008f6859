package lenet5.opencl;

import static org.jocl.CL.*;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import lenet5.nn.Shape;
import lenet5.ops.ElementType;
import lenet5.ops.Require;
import lenet5.ops.Tensor;
import org.jocl.CLException;
import org.jocl.Pointer;
import org.jocl.cl_buffer_region;
import org.jocl.cl_mem;

/**
 * A tensor in a device's memory. Transfers are ordered with the context's launches and block until the host's array may
 * be used again. Closing it frees the memory before the context closes; views keep it alive as long as they are open.
 */
public final class DeviceBuffer extends Resource implements Tensor {

    private final DeviceContext context;
    private final ElementType type;
    private final Shape shape;
    private final boolean isView;
    private final cl_mem memory;

    DeviceBuffer(DeviceContext context, ElementType type, Shape shape) {
        this.context = context;
        this.type = type;
        this.shape = shape;
        this.isView = false;
        try {
            this.memory = clCreateBuffer(context.context, CL_MEM_READ_WRITE, bytes(), null, null);
        } catch (CLException e) {
            throw new OpenClException("cannot allocate " + this + ", " + bytes() + " bytes", e);
        }
    }

    private DeviceBuffer(DeviceBuffer parent, int offset, Shape shape) {
        this.context = parent.context;
        this.type = parent.type;
        this.shape = shape;
        this.isView = true;
        cl_buffer_region region = new cl_buffer_region((long) offset * type.bytes(), bytes());
        try {
            this.memory =
                    clCreateSubBuffer(parent.memory, CL_MEM_READ_WRITE, CL_BUFFER_CREATE_TYPE_REGION, region, null);
        } catch (CLException e) {
            throw new OpenClException("cannot view " + shape + " at element " + offset + " of " + parent, e);
        }
    }

    @Override
    public ElementType type() {
        return type;
    }

    @Override
    public Shape shape() {
        return shape;
    }

    /**
     * A tensor over part of this buffer's memory.
     *
     * @param offset its first element; in bytes a multiple of {@link Device.Facts#baseAddressAlignmentBytes}
     * @throws IllegalArgumentException if the region leaves the buffer
     * @throws OpenClException if it is not aligned, or this buffer is a view itself
     */
    public DeviceBuffer view(int offset, Shape viewShape) {
        requireOpen();
        Require.region(this, offset, viewShape);
        long alignment = Math.max(1, context.device().facts().baseAddressAlignmentBytes());
        if (isView || (long) offset * type.bytes() % alignment != 0) { // some drivers would not mind
            throw new OpenClException("cannot view " + viewShape + " at element " + offset + " of " + this + ": it is "
                    + (isView ? "a view itself" : "not at a multiple of " + alignment + " bytes"));
        }
        return context.own(new DeviceBuffer(this, offset, viewShape));
    }

    /** Uploads to a FLOAT buffer, which {@code values} must fill. */
    public void write(float[] values) {
        write(ElementType.FLOAT, values.length, Pointer.to(values));
    }

    /** Uploads to an INT buffer, which {@code values} must fill. */
    public void write(int[] values) {
        write(ElementType.INT, values.length, Pointer.to(values));
    }

    /** Uploads to a BYTE buffer, which {@code values} must fill. */
    public void write(byte[] values) {
        write(ElementType.BYTE, values.length, Pointer.to(values));
    }

    /** Downloads a FLOAT buffer, after everything enqueued before. */
    public float[] readFloats() {
        float[] values = new float[shape.size()];
        read(ElementType.FLOAT, Pointer.to(values));
        return values;
    }

    /** Downloads an INT buffer, after everything enqueued before. */
    public int[] readInts() {
        int[] values = new int[shape.size()];
        read(ElementType.INT, Pointer.to(values));
        return values;
    }

    /** Sets every element of a FLOAT buffer. */
    public void fill(float value) {
        Require.type("fill", "buffer", this, ElementType.FLOAT);
        fill(Float.floatToRawIntBits(value), Integer.BYTES);
    }

    /** Sets every element of any buffer to zero. */
    public void clear() {
        fill(0, type.bytes());
    }

    /** Copies all elements to a buffer of the same type and shape on the same device, once everything enqueued before is done. */
    public void copyTo(DeviceBuffer target) {
        requireOpen();
        target.requireOpen();
        Require.type("copy", "target", target, type);
        Require.length(target, shape.size());
        clEnqueueCopyBuffer(context.queue, memory, target.memory, 0, 0, bytes(), 0, null, null);
    }

    private void fill(int bits, int bytes) {
        requireOpen();
        ByteBuffer pattern = ByteBuffer.allocate(Integer.BYTES)
                .order(ByteOrder.nativeOrder())
                .putInt(0, bits);
        clEnqueueFillBuffer(context.queue, memory, Pointer.to(pattern), bytes, 0, bytes(), 0, null, null);
        clFinish(context.queue); // the driver may read the pattern until then, and the collector could move it
    }

    private void write(ElementType wanted, int length, Pointer values) {
        requireOpen();
        Require.type("write", "buffer", this, wanted);
        Require.length(this, length);
        clEnqueueWriteBuffer(context.queue, memory, true, 0, bytes(), values, 0, null, null);
    }

    private void read(ElementType wanted, Pointer values) {
        requireOpen();
        Require.type("read", "buffer", this, wanted);
        clEnqueueReadBuffer(context.queue, memory, true, 0, bytes(), values, 0, null, null);
    }

    private long bytes() {
        return (long) shape.size() * type.bytes();
    }

    /** The handle as a kernel argument. */
    Pointer argument() {
        requireOpen();
        return Pointer.to(memory);
    }

    DeviceContext context() {
        return context;
    }

    @Override
    void release() {
        context.disown(this);
        clReleaseMemObject(memory);
    }

    @Override
    public String toString() {
        return type + " buffer " + shape.dimensions() + " on " + context.device();
    }
}
