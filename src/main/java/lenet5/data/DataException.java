package lenet5.data;

/** Data that cannot be used or had. The message is the whole explanation for the user: what, where, what was expected. */
public final class DataException extends RuntimeException {

    private static final long serialVersionUID = 1;

    public DataException(String message) {
        super(message);
    }

    public DataException(String message, Throwable cause) {
        super(message, cause);
    }
}
