package lenet5.engine;

/**
 * How a network did on some images.
 *
 * @param loss mean softmax cross-entropy in nats
 * @param correct images whose largest logit was the label's
 * @param total images looked at
 */
public record Metrics(double loss, int correct, int total) {

    /** The share of correct images, 0 to 1. */
    public double accuracy() {
        return (double) correct / total;
    }

    /** The share of wrong images, 0 to 1. */
    public double errorRate() {
        return (double) (total - correct) / total;
    }
}
