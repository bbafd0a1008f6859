package lenet5.opencl;

import static org.jocl.CL.*;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jocl.CLException;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_device_id;
import org.jocl.cl_program;

/** A kernel source compiled for one device with one set of macros; its binary is kept on disk. */
final class Program extends Resource {

    /**
     * What tells programs of one context apart.
     *
     * @param source what is compiled
     * @param defines the macros
     */
    record Key(Source source, Map<String, Integer> defines) {

        String options() {
            return new TreeMap<>(defines)
                    .entrySet().stream()
                            .map(define -> " -D" + define.getKey() + "=" + define.getValue())
                            .collect(Collectors.joining("", "-cl-std=CL1.2", ""));
        }

        @Override
        public String toString() {
            return source + " (" + options() + ")";
        }
    }

    private final Key key;
    final cl_program handle;

    Program(DeviceContext context, Key key) {
        this.key = key;
        requireSound(context.device());
        String cacheKey = key.source().text() + key.options();
        byte[] binary = context.binaries().find(cacheKey);
        cl_program restored = binary == null ? null : restore(context, binary);
        this.handle = restored != null ? restored : compile(context);
        if (restored == null && context.binaries().isWanted()) {
            context.binaries().keep(cacheKey, binary());
        }
    }

    /** A driver's compiler may end the process over what it should refuse. */
    private void requireSound(Device device) {
        WorkGroups.problem(key.source().text(), key.defines(), device.facts().maxWorkGroupSize())
                .ifPresent(problem -> {
                    throw new OpenClException("cannot build " + key + " on " + device + ": " + problem);
                });
    }

    private cl_program compile(DeviceContext context) {
        String[] text = {key.source().text()};
        cl_program program = clCreateProgramWithSource(context.context, 1, text, null, null);
        try {
            clBuildProgram(program, 0, null, key.options(), null, null);
            return program;
        } catch (CLException e) {
            clReleaseProgram(program);
            throw new OpenClException("cannot build " + key + " on " + context.device(), e); // JOCL adds the log
        }
    }

    /** The program of a cached binary, or null if the driver no longer takes it. */
    private cl_program restore(DeviceContext context, byte[] binary) {
        cl_program program = null;
        try {
            program = clCreateProgramWithBinary(
                    context.context,
                    1,
                    new cl_device_id[] {context.device().id},
                    new long[] {binary.length},
                    new byte[][] {binary},
                    new int[1],
                    null);
            clBuildProgram(program, 0, null, key.options(), null, null);
            return program;
        } catch (CLException e) {
            if (program != null) {
                clReleaseProgram(program);
            }
            return null;
        }
    }

    private byte[] binary() {
        long[] size = new long[1];
        clGetProgramInfo(handle, CL_PROGRAM_BINARY_SIZES, Sizeof.size_t, Pointer.to(size), null);
        byte[] binary = new byte[(int) size[0]];
        clGetProgramInfo(handle, CL_PROGRAM_BINARIES, Sizeof.POINTER, Pointer.to(Pointer.to(binary)), null);
        return binary;
    }

    @Override
    void release() {
        clReleaseProgram(handle);
    }

    @Override
    public String toString() {
        return key.toString();
    }
}
