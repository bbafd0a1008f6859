package lenet5.engines;

import lenet5.opencl.fused.Variant;

/**
 * What engine is wanted, and where.
 *
 * @param device {@code auto}: the best OpenCL GPU, else the CPU; {@code cpu}: Java, no OpenCL; {@code gpu}: the best OpenCL GPU;
 *     {@code opencl}: the best OpenCL device of any type; else a part of a device's name
 * @param kind the engine; {@code fused} where a variant was named and {@code auto} given
 * @param variant how the fused engine divides a batch; {@code auto}: the fastest that works. One that is named is never replaced
 *     by another
 * @param profiling whether the engine takes the time of what it does, which slows it down
 */
public record EngineRequest(String device, Kind kind, Variant variant, boolean profiling) {

    /** The best that works on this machine, whatever that is. */
    public static final EngineRequest BEST = new EngineRequest("auto", Kind.auto, Variant.auto, false);

    /** A variant's name alone asks for the engine that has variants. */
    public EngineRequest {
        kind = kind == Kind.auto && variant != Variant.auto ? Kind.fused : kind;
    }

    /** Whether the engine is one for the device. */
    public boolean fits() {
        return !(onCpu() && kind.isOpenCl() || !onCpu() && !onAny() && kind.isCpu());
    }

    boolean onCpu() {
        return device.equals("cpu");
    }

    boolean onAny() {
        return device.equals("auto");
    }
}
