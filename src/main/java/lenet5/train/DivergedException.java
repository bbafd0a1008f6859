package lenet5.train;

/** The loss is no longer a number: the learning rate is too high for this data. */
public final class DivergedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    DivergedException(int epoch, double loss) {
        super("training diverged in epoch " + epoch + ": the loss is " + loss + "; try a lower learning rate");
    }
}
