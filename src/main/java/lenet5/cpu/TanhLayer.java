package lenet5.cpu;

/**
 * The hyperbolic tangent of a block where no layer before it takes it along: behind the network's input, or another tanh.
 *
 * @param inputSquashed whether x is tanh's
 */
record TanhLayer(Arithmetic arithmetic, int features, boolean inputSquashed) implements CpuLayer {

    @Override
    public void forward(float[] parameters, float[] x, float[] y) {
        arithmetic.tanh(x, y, 0, features * arithmetic.lanes());
    }

    @Override
    public void backward(float[] parameters, float[] x, float[] dy, float[] scratch) {
        if (inputSquashed) {
            arithmetic.tanhBackward(dy, x, features * arithmetic.lanes());
        } else {
            System.arraycopy(dy, 0, x, 0, features * arithmetic.lanes());
        }
    }
}
