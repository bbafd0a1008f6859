package lenet5.cpu;

/** The hyperbolic tangent of a block. */
record TanhLayer(Arithmetic arithmetic, int features) implements CpuLayer {

    @Override
    public void forward(float[] parameters, float[] input, float[] output) {
        arithmetic.tanh(input, output, features * arithmetic.lanes());
    }

    @Override
    public void backward(float[] parameters, float[] output, float[] outputGradient, float[] inputGradient) {
        arithmetic.tanhBackward(output, outputGradient, inputGradient, features * arithmetic.lanes());
    }
}
