package lenet5.train;

/** A model or checkpoint file that cannot be used; the message names the file and its fault. */
public final class ModelFileException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public ModelFileException(String message, Throwable cause) {
        super(message, cause);
    }
}
