package lenet5.ops;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import lenet5.nn.Shape;
import lenet5.ops.OpCase.Operand;
import lenet5.ops.OpCase.Role;

/**
 * One run of an {@link OpCase} with random inputs: every output poisoned with NaN before, guard words around every
 * tensor but bytes, more images in the tensors than in the batch.
 *
 * @param tensors the content of each operand afterwards, guards included; of bytes, which are only read, nothing
 * @param guard the number of guard words on each side
 */
public record OpRun(List<double[]> tensors, int guard) {

    /** Images the tensors hold beyond the batch. */
    public static final int SPARE = 2;

    private static final float GUARD = 12345;

    /** Runs {@code operation} on {@code ops} for the first {@code batch} images; the same seed gives the same inputs. */
    public static <T extends Tensor> OpRun of(Ops<T> ops, OpCase operation, int batch, long seed) {
        return of(ops, operation, batch, seed, SPARE, Math.max(16, ops.viewAlignment()));
    }

    /** The same without guards and spare images, so that every access beside an operand is one beside its memory. */
    public static <T extends Tensor> OpRun tight(Ops<T> ops, OpCase operation, int batch, long seed) {
        return of(ops, operation, batch, seed, 0, 0);
    }

    private static <T extends Tensor> OpRun of(
            Ops<T> ops, OpCase operation, int batch, long seed, int spare, int guard) {
        SplittableRandom random = new SplittableRandom(seed);
        List<T> wholes = new ArrayList<>();
        List<T> views = new ArrayList<>();
        for (Operand operand : operation.operands()) {
            Shape shape = operand.shape(batch + spare);
            int around = operand.type() == ElementType.BYTE ? 0 : guard;
            T whole = ops.allocate(operand.type(), Shape.of(around + shape.size() + around));
            fill(ops, whole, operand, around, random);
            wholes.add(whole);
            views.add(ops.view(whole, around, shape));
        }
        operation.binding().bind(ops, views).run(batch);
        List<double[]> contents = new ArrayList<>();
        for (int i = 0; i < wholes.size(); i++) {
            contents.add(read(ops, wholes.get(i)));
        }
        return new OpRun(contents, guard);
    }

    /** Tensors for {@code operation} on {@code ops} as a run has them, without guards, for {@code batch} images. */
    public static <T extends Tensor> List<T> operands(Ops<T> ops, OpCase operation, int batch, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<T> tensors = new ArrayList<>();
        for (Operand operand : operation.operands()) {
            T tensor = ops.allocate(operand.type(), operand.shape(batch));
            fill(ops, tensor, operand, 0, random);
            tensors.add(tensor);
        }
        return tensors;
    }

    private static <T extends Tensor> void fill(
            Ops<T> ops, T whole, Operand operand, int guard, SplittableRandom random) {
        int size = whole.shape().size();
        boolean poisoned = operand.role() == Role.OUTPUT || operand.role() == Role.SUM;
        if (operand.type() == ElementType.BYTE) {
            byte[] values = new byte[size];
            random.nextBytes(values);
            ops.write(whole, values);
        } else if (operand.type() == ElementType.INT) {
            int[] values = new int[size];
            Arrays.fill(values, (int) GUARD);
            for (int i = guard; i < size - guard; i++) {
                values[i] = poisoned ? Integer.MIN_VALUE : random.nextInt(OpCase.CLASSES);
            }
            ops.write(whole, values);
        } else {
            float[] values = new float[size];
            Arrays.fill(values, GUARD);
            for (int i = guard; i < size - guard; i++) {
                values[i] = poisoned ? Float.NaN : (float) random.nextDouble(-1, 1);
            }
            ops.write(whole, values);
        }
    }

    private static <T extends Tensor> double[] read(Ops<T> ops, T tensor) {
        if (tensor.type() == ElementType.BYTE) {
            return new double[0];
        }
        if (tensor.type() == ElementType.INT) {
            return Arrays.stream(ops.readInts(tensor)).asDoubleStream().toArray();
        }
        float[] values = ops.readFloats(tensor);
        double[] doubles = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            doubles[i] = values[i];
        }
        return doubles;
    }

    /** What the operation left in operand {@code index}, guards removed. */
    public double[] content(int index) {
        double[] whole = tensors.get(index);
        return whole.length == 0 ? whole : Arrays.copyOfRange(whole, guard, whole.length - guard);
    }

    /** Whether every guard word is as it was. */
    public boolean guardsAreIntact() {
        return tensors.stream().allMatch(whole -> {
            for (int i = 0; i < guard && whole.length > 0; i++) {
                if (whole[i] != GUARD || whole[whole.length - 1 - i] != GUARD) {
                    return false;
                }
            }
            return true;
        });
    }
}
