package lenet5.train;

/** The loss or a parameter is no longer a number: the learning rate is too high for this data. */
public final class DivergedException extends RuntimeException {
    private static final long serialVersionUID = 1;

    DivergedException(int epoch, String fault) {
        super("training diverged in epoch " + epoch + ": " + fault + "; try a lower learning rate");
    }
}
