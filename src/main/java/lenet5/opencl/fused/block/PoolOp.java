package lenet5.opencl.fused.block;

import lenet5.engine.FusedLayer;
import lenet5.opencl.fused.plan.KernelCalls;
import lenet5.opencl.fused.plan.Target;

/** Average pooling. */
final class PoolOp extends FusedOp {

    PoolOp(FusedLayer layer) {
        super(layer);
    }

    @Override
    public boolean isPooling() {
        return true;
    }

    @Override
    public String forward(KernelCalls calls, Target target, Operands o) {
        return calls.between("average_pool2x2_forward", o.in(), o.x(), o.out(), layer().activation());
    }

    @Override
    public String backward(KernelCalls calls, Target target, Operands o) {
        return calls.between("average_pool2x2_backward", o.in(), o.x(), o.activation(), o.out());
    }
}
