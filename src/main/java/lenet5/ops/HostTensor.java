package lenet5.ops;

import lenet5.nn.Shape;

/**
 * A tensor in the JVM's memory. Elements are read and written as {@code double}, which holds every type exactly, and
 * rounded to the tensor's own precision when stored: one source of loops serves float and double.
 */
public abstract sealed class HostTensor implements Tensor {

    private final ElementType type;
    private final Shape shape;
    final int offset;

    private HostTensor(ElementType type, Shape shape, int offset) {
        this.type = type;
        this.shape = shape;
        this.offset = offset;
    }

    @Override
    public ElementType type() {
        return type;
    }

    @Override
    public Shape shape() {
        return shape;
    }

    /** Element {@code index} in memory order. */
    public abstract double get(int index);

    /** Stores {@code value}, rounded to the element type. */
    public abstract void set(int index, double value);

    /** A tensor over the same memory from element {@code start} on. */
    abstract HostTensor view(int start, Shape viewShape);

    static final class Floats extends HostTensor {
        private final float[] values;

        Floats(float[] values, Shape shape, int offset) {
            super(ElementType.FLOAT, shape, offset);
            this.values = values;
        }

        @Override
        public double get(int index) {
            return values[offset + index];
        }

        @Override
        public void set(int index, double value) {
            values[offset + index] = (float) value;
        }

        @Override
        HostTensor view(int start, Shape viewShape) {
            return new Floats(values, viewShape, offset + start);
        }
    }

    /** Stands for a FLOAT tensor where gradients are checked in double precision. */
    static final class Doubles extends HostTensor {
        private final double[] values;

        Doubles(double[] values, Shape shape, int offset) {
            super(ElementType.FLOAT, shape, offset);
            this.values = values;
        }

        @Override
        public double get(int index) {
            return values[offset + index];
        }

        @Override
        public void set(int index, double value) {
            values[offset + index] = value;
        }

        @Override
        HostTensor view(int start, Shape viewShape) {
            return new Doubles(values, viewShape, offset + start);
        }
    }

    static final class Ints extends HostTensor {
        private final int[] values;

        Ints(int[] values, Shape shape, int offset) {
            super(ElementType.INT, shape, offset);
            this.values = values;
        }

        @Override
        public double get(int index) {
            return values[offset + index];
        }

        @Override
        public void set(int index, double value) {
            values[offset + index] = (int) value;
        }

        @Override
        HostTensor view(int start, Shape viewShape) {
            return new Ints(values, viewShape, offset + start);
        }
    }

    static final class Bytes extends HostTensor {
        private final byte[] values;

        Bytes(byte[] values, Shape shape, int offset) {
            super(ElementType.BYTE, shape, offset);
            this.values = values;
        }

        /** The memory, of which this tensor has the bytes from {@link #offset} on. */
        byte[] values() {
            return values;
        }

        @Override
        public double get(int index) {
            return Byte.toUnsignedInt(values[offset + index]);
        }

        @Override
        public void set(int index, double value) {
            values[offset + index] = (byte) (int) value;
        }

        @Override
        HostTensor view(int start, Shape viewShape) {
            return new Bytes(values, viewShape, offset + start);
        }
    }
}
