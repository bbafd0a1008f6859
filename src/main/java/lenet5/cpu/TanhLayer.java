package lenet5.cpu;

import lenet5.nn.Activation;

/**
 * An activation of a block where no layer before it takes it along: behind the network's input, or another one.
 *
 * @param activation what it applies
 * @param inputActivation what made x
 */
record TanhLayer(Arithmetic arithmetic, int features, Activation activation, Activation inputActivation)
        implements CpuLayer {

    private int length() {
        return features * arithmetic.lanes();
    }

    @Override
    public void forward(float[] parameters, float[] x, float[] y) {
        System.arraycopy(x, 0, y, 0, length());
        arithmetic.activate(activation, y, 0, length());
    }

    @Override
    public void backward(float[] parameters, float[] x, float[] dy, float[] scratch) {
        arithmetic.activationBackward(dy, inputActivation, x, length());
    }
}
