package lenet5.opencl.fused;

import lenet5.engine.FusedLayer;

/** A tanh that no layer before it has applied. */
final class TanhOp extends FusedOp {

    TanhOp(FusedLayer layer) {
        super(layer);
    }

    @Override
    String forward(KernelCalls calls, FusedVariant variant, Operands o) {
        return calls.between("tanh_forward", o.in(), o.x().size(), o.out(), layer().activation());
    }

    @Override
    String backward(KernelCalls calls, FusedVariant variant, Operands o) {
        return calls.between("tanh_backward", o.in(), o.x().size(), o.activation(), o.out());
    }
}
