package lenet5.opencl.fused;

import lenet5.engine.FusedLayer;

/** Average pooling. */
final class PoolOp extends FusedOp {

    PoolOp(FusedLayer layer) {
        super(layer);
    }

    @Override
    boolean isPooling() {
        return true;
    }

    @Override
    String forward(KernelCalls calls, FusedVariant variant, Operands o) {
        return calls.between("average_pool2x2_forward", o.in(), o.x(), o.out(), layer().activation());
    }

    @Override
    String backward(KernelCalls calls, FusedVariant variant, Operands o) {
        return calls.between("average_pool2x2_backward", o.in(), o.x(), o.activation(), o.out());
    }
}
