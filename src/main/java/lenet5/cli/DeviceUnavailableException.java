package lenet5.cli;

/** The device that was asked for is not there, or does not work. */
final class DeviceUnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1;

    DeviceUnavailableException(String message) {
        super(message);
    }
}
