package lenet5.bench;

import lenet5.nn.Network;
import lenet5.opencl.Device;
import lenet5.opencl.DeviceContext;

/**
 * What a place can do at the most, measured: the roofline's two bounds (Williams, Waterman and Patterson, 2009).
 *
 * @param gigaflops float multiply-adds a nanosecond, each counted as two operations
 * @param gigabytes bytes copied a nanosecond, each counted where it is read and where it is written
 */
public record Floor(double gigaflops, double gigabytes) {

    /** Measures the processors of this JVM, in Java. */
    public static Floor ofCpu() {
        return CpuRoofline.measure();
    }

    /** Measures {@code device}, with {@code kernels/probes/roofline.cl}. */
    public static Floor of(Device device) {
        try (DeviceContext context = DeviceContext.open(device)) {
            return OpenClRoofline.measure(context);
        }
    }

    /** The higher of each bound: two ways to use the same hardware. */
    public Floor or(Floor other) {
        return new Floor(Math.max(gigaflops, other.gigaflops), Math.max(gigabytes, other.gigabytes));
    }

    /** The time that training {@code network} on {@code images} images takes if every multiply-add runs at full rate. */
    public double seconds(Network network, int images) {
        return 2.0 * (network.forwardMultiplyAdds() + network.backwardMultiplyAdds()) * images / (gigaflops * 1e9);
    }
}
