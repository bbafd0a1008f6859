package lenet5.opencl;

import static org.jocl.CL.*;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jocl.CL;
import org.jocl.Pointer;
import org.jocl.cl_device_id;
import org.jocl.cl_platform_id;

/** The gate to JOCL: loads the native library once, remembers why that failed, and reads device facts. */
public final class OpenCl {

    /** Why OpenCL cannot be used in this JVM, or null if it can. */
    private static final String FAILURE = load();

    private OpenCl() {}

    static String failure() {
        return FAILURE;
    }

    private static String load() {
        // JOCL would unpack its library under a fixed name and load whatever file already has it: a planted file, or a
        // half-written one of a JVM that starts at the same time. A unique name cures both.
        System.setProperty("uniqueLibraryNames", "true");
        Logger logger = Logger.getLogger("org.jocl.LibTracker");
        logger.setLevel(Level.FINE);
        logger.setFilter(OpenCl::silenceJocl);
        try {
            CL.setExceptionsEnabled(true);
            return null;
        } catch (LinkageError | RuntimeException e) {
            return "the OpenCL library cannot be loaded (" + reason(e) + ")";
        } finally {
            logger.setFilter(null);
            logger.setLevel(null);
        }
    }

    /**
     * JOCL reports a missing libOpenCL on the process's standard output, which is kept for results. The log record of the
     * attempt is the one moment when its native part is loaded and can be told to be quiet, and the attempt not yet made.
     */
    private static boolean silenceJocl(LogRecord record) {
        if (record.getMessage().startsWith("Trying library candidate")) {
            CL.setLogLevel(CL.LogLevel.LOG_QUIET);
        }
        return false;
    }

    private static String reason(Throwable e) {
        Path directory = Path.of(System.getProperty("java.io.tmpdir"));
        try {
            Files.delete(Files.createTempFile(directory, "lenet5", null));
            return firstLine(e);
        } catch (IOException unusable) {
            return "JOCL must write its native part to the temporary directory " + directory + ", and cannot";
        }
    }

    public static String firstLine(Throwable e) {
        return String.valueOf(e.getMessage()).strip().lines().findFirst().orElse(e.toString());
    }

    static String text(cl_platform_id platform, int fact) {
        long[] size = new long[1];
        clGetPlatformInfo(platform, fact, 0, null, size);
        byte[] text = new byte[(int) size[0]];
        clGetPlatformInfo(platform, fact, text.length, Pointer.to(text), null);
        return decode(text);
    }

    static String text(cl_device_id device, int fact) {
        long[] size = new long[1];
        clGetDeviceInfo(device, fact, 0, null, size);
        byte[] text = new byte[(int) size[0]];
        clGetDeviceInfo(device, fact, text.length, Pointer.to(text), null);
        return decode(text);
    }

    private static String decode(byte[] text) {
        String decoded = new String(text, StandardCharsets.UTF_8);
        int end = decoded.indexOf(0);
        return (end < 0 ? decoded : decoded.substring(0, end)).strip();
    }

    /** A numeric fact of 4 or 8 bytes (cl_uint, cl_bool, cl_ulong, size_t). */
    static long number(cl_device_id device, int fact) {
        ByteBuffer value = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder());
        long[] size = new long[1];
        clGetDeviceInfo(device, fact, Long.BYTES, Pointer.to(value), size);
        return size[0] == Integer.BYTES ? Integer.toUnsignedLong(value.getInt(0)) : value.getLong(0);
    }
}
