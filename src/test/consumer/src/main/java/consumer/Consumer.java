package consumer;

import java.util.Arrays;
import lenet5.cpu.CpuEngine;
import lenet5.data.LabeledImages;
import lenet5.data.Mnist;
import lenet5.engine.Engine;
import lenet5.engine.Settings;
import lenet5.nn.Shape;
import lenet5.opencl.DeviceContext;
import lenet5.opencl.Devices;
import lenet5.opencl.OpenClOps;
import lenet5.ops.ElementType;
import lenet5.ops.Ops;
import lenet5.ops.ReferenceOps;
import lenet5.ops.Tensor;
import lenet5.train.Classifier;
import lenet5.train.Model;
import lenet5.train.ModelFile;

/** Convolves on an OpenCL device, else in Java; then reads a digit with the model on standard input. */
public final class Consumer {

    private Consumer() {}

    public static void main(String[] arguments) {
        try (Ops<?> ops = ops()) {
            System.err.println("convolving on " + ops.device());
            System.out.println("convolved " + Arrays.toString(convolve(ops)));
        }
        double[] probabilities = probabilities(ModelFile.read("standard input", System.in), seven());
        for (int digit = 0; digit < probabilities.length; digit++) {
            if (probabilities[digit] > 0.5) {
                System.out.println("classified as " + digit);
            }
        }
        System.err.println("probabilities " + Arrays.toString(probabilities));
    }

    private static Ops<?> ops() {
        return Devices.discover()
                .best(any -> true)
                .<Ops<?>>map(device -> new OpenClOps(DeviceContext.open(device)))
                .orElseGet(ReferenceOps::inFloat);
    }

    private static <T extends Tensor> float[] convolve(Ops<T> ops) {
        T image = ops.allocate(ElementType.FLOAT, Shape.of(1, 1, 6, 6));
        T weights = ops.allocate(ElementType.FLOAT, Shape.of(1, 1, 5, 5));
        T bias = ops.allocate(ElementType.FLOAT, Shape.of(1));
        T output = ops.allocate(ElementType.FLOAT, Shape.of(1, 1, 2, 2));
        ops.write(image, filled(36, 2));
        ops.write(weights, filled(25, 0.5f));
        ops.write(bias, filled(1, 1));
        ops.conv5x5Forward(image, weights, bias, output).run(1);
        return ops.readFloats(output);
    }

    private static float[] filled(int size, float value) {
        float[] values = new float[size];
        Arrays.fill(values, value);
        return values;
    }

    /** A bar, and a stroke down from its right end. */
    private static LabeledImages seven() {
        byte[] pixels = new byte[Mnist.SIZE * Mnist.SIZE];
        for (int y = 7; y < 27; y++) {
            int left = y < 10 ? 7 : 22 - y / 2;
            int right = y < 10 ? 20 : left + 3;
            Arrays.fill(pixels, y * Mnist.SIZE + left, y * Mnist.SIZE + right, (byte) 255);
        }
        return new LabeledImages(Mnist.SIZE, Mnist.SIZE, pixels, new byte[] {7});
    }

    private static double[] probabilities(Model model, LabeledImages image) {
        try (Engine engine = new CpuEngine(model.parameters().network(), new Settings(1, 1))) {
            return new Classifier(model, engine).probabilities(image).get(0);
        }
    }
}
