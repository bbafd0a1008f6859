package lenet5.engine;

/** Turns one image's logits into probabilities, on the host. */
public final class Softmax {

    private Softmax() {}

    /** {@code exp(z[k]) / sum exp(z)}, with the largest z subtracted first. */
    public static double[] of(float[] logits) {
        double maximum = Double.NEGATIVE_INFINITY;
        for (float logit : logits) {
            maximum = Math.max(maximum, logit);
        }
        double[] probabilities = new double[logits.length];
        double sum = 0;
        for (int k = 0; k < logits.length; k++) {
            probabilities[k] = Math.exp(logits[k] - maximum);
            sum += probabilities[k];
        }
        for (int k = 0; k < logits.length; k++) {
            probabilities[k] /= sum;
        }
        return probabilities;
    }
}
