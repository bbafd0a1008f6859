package lenet5.cpu;

import java.util.List;
import lenet5.engine.FusedLayer;
import lenet5.nn.Activation;
import lenet5.nn.Network;

/** One worker's block on its way through the network: every layer's output, and later, in its place, the gradient by it. */
final class Workspace {

    private final int lanes;
    private final int classes;
    private final Activation activation;
    private final double constantLogit;
    private final float[][] slots;
    private final float[] scratch;
    private final double[] exponentials;
    private final int[] starts;

    Workspace(Network network, List<FusedLayer> layers, int lanes) {
        this.lanes = lanes;
        this.classes = network.classes();
        this.activation = FusedLayer.before(layers, layers.size());
        this.constantLogit = network.loss().constantLogit();
        this.slots = new float[layers.size() + 1][];
        slots[0] = new float[network.input().size() * lanes];
        int largest = slots[0].length;
        for (int i = 0; i < layers.size(); i++) {
            slots[i + 1] = new float[layers.get(i).placed().output().size() * lanes];
            largest = Math.max(largest, slots[i + 1].length);
        }
        this.scratch = new float[largest];
        this.exponentials = new double[classes];
        this.starts = new int[lanes];
    }

    /** The input of layer {@code index}, or the output of the one before. */
    float[] slot(int index) {
        return slots[index];
    }

    float[] logits() {
        return slots[slots.length - 1];
    }

    /** A number a lane. */
    int[] starts() {
        return starts;
    }

    /** As long as the largest slot. */
    float[] scratch() {
        return scratch;
    }

    /**
     * Softmax cross-entropy of a block: each image's loss and hit into {@code outcome}, and {@code scale} times the gradient
     * into the place of the logits, zero in the lanes without an image.
     */
    void loss(Staged staged, int[] order, int from, int images, float scale, Outcome outcome) {
        float[] logits = logits();
        for (int n = 0; n < lanes; n++) {
            if (n >= images) {
                for (int k = 0; k < classes; k++) {
                    logits[k * lanes + n] = 0;
                }
                continue;
            }
            int label = staged.label(order[from + n]);
            int largest = 0;
            for (int k = 1; k < classes; k++) {
                largest = logits[k * lanes + n] > logits[largest * lanes + n] ? k : largest;
            }
            double maximum = Math.max(logits[largest * lanes + n], constantLogit);
            double sum = Math.exp(constantLogit - maximum);
            for (int k = 0; k < classes; k++) {
                exponentials[k] = Math.exp(logits[k * lanes + n] - maximum);
                sum += exponentials[k];
            }
            outcome.loss[from + n] = Math.log(sum) + maximum - logits[label * lanes + n];
            outcome.correct[from + n] = largest == label;
            for (int k = 0; k < classes; k++) {
                double gradient = (exponentials[k] / sum - (k == label ? 1 : 0)) * scale;
                double y = logits[k * lanes + n];
                logits[k * lanes + n] = (float) (gradient * (activation.derivative() - activation.bend() * y * y));
            }
        }
    }
}
