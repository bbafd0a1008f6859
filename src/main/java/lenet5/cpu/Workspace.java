package lenet5.cpu;

import lenet5.nn.Layer;
import lenet5.nn.Network;
import lenet5.nn.Network.Stage;

/** One worker's activations and gradients of a block, {@code [features, lanes]} each. */
final class Workspace {

    private final int lanes;
    private final int classes;
    private final float[][] activations;
    private final float[][] gradients;
    private final double[] exponentials;

    Workspace(Network network, int lanes) {
        this.lanes = lanes;
        this.classes = network.classes();
        int stages = network.stages().size();
        this.activations = new float[stages + 1][];
        this.gradients = new float[stages + 1][];
        this.exponentials = new double[classes];
        activations[0] = new float[network.input().size() * lanes];
        boolean learned = false;
        for (Stage stage : network.stages()) {
            int i = stage.index();
            boolean unchanged = stage.layer() instanceof Layer.Flatten;
            learned |= stage.parameterCount() > 0;
            int size = stage.output().size() * lanes;
            activations[i + 1] = unchanged ? activations[i] : new float[size];
            gradients[i + 1] = unchanged || !learned ? gradients[i] : new float[size];
        }
    }

    float[] input() {
        return activations[0];
    }

    float[] logits() {
        return activations[activations.length - 1];
    }

    /** The input of layer {@code index}, or the output of the one before. */
    float[] activation(int index) {
        return activations[index];
    }

    /** The gradient by {@link #activation}, null where nothing before it learns. */
    float[] gradient(int index) {
        return gradients[index];
    }

    /**
     * Softmax cross-entropy of a block: each image's loss and hit into {@code outcome}, and {@code scale} times the gradient
     * by the logits, zero in the lanes without an image.
     */
    void loss(Staged staged, int[] order, int from, int images, float scale, Outcome outcome) {
        float[] gradient = gradients[gradients.length - 1];
        float[] logits = logits();
        for (int n = 0; n < lanes; n++) {
            if (n >= images) {
                for (int k = 0; k < classes; k++) {
                    gradient[k * lanes + n] = 0;
                }
                continue;
            }
            int label = staged.label(order[from + n]);
            int largest = 0;
            for (int k = 1; k < classes; k++) {
                largest = logits[k * lanes + n] > logits[largest * lanes + n] ? k : largest;
            }
            double maximum = logits[largest * lanes + n];
            double sum = 0;
            for (int k = 0; k < classes; k++) {
                exponentials[k] = Math.exp(logits[k * lanes + n] - maximum);
                sum += exponentials[k];
            }
            for (int k = 0; k < classes; k++) {
                double probability = exponentials[k] / sum;
                gradient[k * lanes + n] = (float) ((probability - (k == label ? 1 : 0)) * scale);
            }
            outcome.loss[from + n] = Math.log(sum) + maximum - logits[label * lanes + n];
            outcome.correct[from + n] = largest == label;
        }
    }
}
