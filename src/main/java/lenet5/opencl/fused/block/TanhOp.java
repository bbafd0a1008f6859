package lenet5.opencl.fused.block;

import lenet5.engine.FusedLayer;
import lenet5.opencl.fused.plan.KernelCalls;
import lenet5.opencl.fused.plan.Target;

/** A tanh that no layer before it has applied. */
final class TanhOp extends FusedOp {

    TanhOp(FusedLayer layer) {
        super(layer);
    }

    @Override
    public String forward(KernelCalls calls, Target target, Operands o) {
        return calls.between("tanh_forward", o.in(), o.x().size(), o.out(), layer().activation());
    }

    @Override
    public String backward(KernelCalls calls, Target target, Operands o) {
        return calls.between("tanh_backward", o.in(), o.x().size(), o.activation(), o.out());
    }
}
