package lenet5.cpu;

import lenet5.engine.Engine;
import lenet5.engine.Settings;
import lenet5.nn.Network;

/** The CPU engine in the variants that a user gets without choosing. */
public final class CpuEngines {

    private CpuEngines() {}

    /** As on a JVM without the vector module. */
    public static Engine withLoops(Network network, Settings settings) {
        return new CpuEngine(network, settings, new LoopArithmetic(), 2, false);
    }

    /** As on a machine of {@code threads} processors. */
    static Engine withThreads(Network network, Settings settings, int threads) {
        return new CpuEngine(network, settings, Arithmetic.best(), threads, false);
    }
}
