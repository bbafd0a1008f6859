package lenet5.opencl;

/** An OpenCL call failed; the message names the call or kernel, the device and the driver's reason. */
public final class OpenClException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public OpenClException(String message) {
        super(message);
    }

    OpenClException(String message, Throwable cause) {
        super(message + ": " + cause.getMessage(), cause);
    }
}
