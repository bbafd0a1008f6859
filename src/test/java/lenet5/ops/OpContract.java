package lenet5.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import lenet5.ops.OpCase.Operand;
import lenet5.ops.OpCase.Role;

/** What every implementation of an operation owes: the reference's numbers, and nothing written beside them. */
public final class OpContract {

    private OpContract() {}

    /** Runs {@code operation} on {@code ops} and on the reference with the same inputs, and compares. */
    public static <T extends Tensor> void check(Ops<T> ops, OpCase operation, int batch) {
        OpRun actual = OpRun.of(ops, operation, batch, batch);
        assertTrue(actual.guardsAreIntact(), operation + " with batch " + batch + " wrote outside its tensors");
        compare(operation, batch, OpRun.of(ReferenceOps.inFloat(), operation, batch, batch), actual);
    }

    /** As {@link #check}, on tensors that are allocated exactly as large as they must be. */
    public static <T extends Tensor> void checkTight(Ops<T> ops, OpCase operation, int batch) {
        OpRun expected = OpRun.tight(ReferenceOps.inFloat(), operation, batch, batch);
        compare(operation, batch, expected, OpRun.tight(ops, operation, batch, batch));
    }

    private static void compare(OpCase operation, int batch, OpRun expected, OpRun actual) {
        for (int i = 0; i < operation.operands().size(); i++) {
            compare(operation, operation.operands().get(i), batch, expected.content(i), actual.content(i));
        }
    }

    private static void compare(OpCase operation, Operand operand, int batch, double[] expected, double[] actual) {
        double largest = 0;
        for (double value : expected) {
            largest = Math.max(largest, Double.isNaN(value) ? 0 : Math.abs(value));
        }
        boolean read = operand.role() == Role.INPUT || operand.role() == Role.LABELS;
        double tolerance = read || operand.type() == ElementType.INT ? 0 : operation.tolerance() * largest;
        int written = operand.batched()
                ? batch * operand.shape().size()
                : operand.shape().size();
        for (int k = 0; k < expected.length; k++) {
            String where = operation + " with batch " + batch + ": " + operand.name() + "[" + k + "]";
            if (k < written) {
                assertTrue(Double.isFinite(actual[k]), () -> where + " was not written");
                assertEquals(expected[k], actual[k], tolerance, where);
            } else {
                assertEquals(expected[k], actual[k], where + " lies behind the batch");
            }
        }
    }
}
