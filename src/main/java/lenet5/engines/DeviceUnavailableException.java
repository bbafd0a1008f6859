package lenet5.engines;

/** The device that was asked for is not there, or does not work. */
public final class DeviceUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** With what to tell the user. */
    public DeviceUnavailableException(String message) {
        super(message);
    }
}
