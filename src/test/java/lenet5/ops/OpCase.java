package lenet5.ops;

import java.util.List;
import java.util.function.IntFunction;
import lenet5.nn.Shape;

/**
 * One operation on certain shapes: what is tested against the reference is also what is timed.
 *
 * @param name operation and shape
 * @param operands the tensors in the order of the operation's arguments
 * @param binding the operation itself
 * @param work of a batch
 * @param tolerance of an output element, relative to the largest one: grows with the length of the sums
 */
public record OpCase(String name, List<Operand> operands, Binding binding, IntFunction<Work> work, double tolerance) {

    /** What labels are drawn from, and the number of images that a batch is gathered from. */
    public static final int CLASSES = 3;

    /** What an operation does with a tensor. */
    public enum Role {
        /** Read only. */
        INPUT,
        /** Overwritten for the batch's images; the rest stays. */
        OUTPUT,
        /** Overwritten as a whole. */
        SUM,
        /** Read and written. */
        UPDATED,
        /** Class labels or indices of stored images, below {@link #CLASSES}; read only. */
        LABELS
    }

    /**
     * A tensor of the operation.
     *
     * @param name as in {@link Ops}
     * @param shape of one image where {@code batched}, else of the whole tensor
     */
    public record Operand(String name, Role role, ElementType type, boolean batched, Shape shape) {

        public Shape shape(int capacity) {
            return batched ? shape.batchOf(capacity) : shape;
        }

        static Operand input(String name, Shape image) {
            return new Operand(name, Role.INPUT, ElementType.FLOAT, true, image);
        }

        static Operand fixed(String name, Shape shape) {
            return new Operand(name, Role.INPUT, ElementType.FLOAT, false, shape);
        }

        static Operand output(String name, Shape image) {
            return new Operand(name, Role.OUTPUT, ElementType.FLOAT, true, image);
        }

        static Operand sum(String name, Shape shape) {
            return new Operand(name, Role.SUM, ElementType.FLOAT, false, shape);
        }
    }

    /** Binds the operation to tensors of any place. */
    @FunctionalInterface
    public interface Binding {
        <T extends Tensor> Operation bind(Ops<T> ops, List<T> tensors);
    }

    /** Rounding of one operation, times the growth of a random sum of that many terms, with room for the worst of many. */
    static double toleranceOfSum(int terms) {
        return 4 * Math.sqrt(terms + 16.0) * Math.ulp(1f);
    }

    @Override
    public String toString() {
        return name;
    }
}
