package lenet5.engine;

import java.util.stream.Stream;
import lenet5.cpu.CpuEngine;
import lenet5.cpu.CpuEngines;
import lenet5.nn.Network;
import lenet5.opencl.OpenClOps;
import lenet5.opencl.TestDevice;
import lenet5.opencl.fused.TestEngines;
import lenet5.opencl.fused.Variant;

/** A kind of engine that the contracts are tested with. */
record EngineKind(String name, Factory factory) {

    /** Opens one kind of engine. */
    @FunctionalInterface
    interface Factory {
        Engine open(Network network, Settings settings);
    }

    static Stream<EngineKind> all() {
        Stream<EngineKind> fused = Stream.of(Variant.values())
                .map(variant -> new EngineKind(
                        "fused OpenCL, " + variant,
                        (network, settings) -> TestEngines.open(network, settings, variant)));
        Stream<EngineKind> others = Stream.of(
                new EngineKind("simd", CpuEngine::new),
                new EngineKind("simd with loops", CpuEngines::withLoops),
                new EngineKind("reference", LayeredEngine::reference),
                new EngineKind(
                        "layered OpenCL",
                        (network, settings) ->
                                new LayeredEngine<>("layered", new OpenClOps(TestDevice.open()), network, settings)),
                new EngineKind("fused OpenCL for GPUs, every optional feature masked off", TestEngines::maskedGpu));
        return Stream.concat(others, fused);
    }

    Engine open(Network network, Settings settings) {
        return factory.open(network, settings);
    }

    @Override
    public String toString() {
        return name;
    }
}
