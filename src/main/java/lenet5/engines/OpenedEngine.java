package lenet5.engines;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import lenet5.engine.Engine;
import lenet5.engine.ProfileRow;
import lenet5.opencl.fused.FusedEngine;

/**
 * An engine and what it tells of its time; closing it closes the engine.
 *
 * @param engine ready for parameters
 * @param profile to be asked for only if the engine was opened for profiling
 * @param fused the same engine, where it is the fused one
 */
public record OpenedEngine(Engine engine, Supplier<List<ProfileRow>> profile, Optional<FusedEngine> fused)
        implements AutoCloseable {

    /** Where and how it computes, for people. */
    public String place() {
        return engine.device() + ", engine " + engine.name()
                + fused.map(own -> ", "
                                + own.tuning()
                                        .map(found -> "tuned (" + found + ")")
                                        .orElse("variant " + own.variant()))
                        .orElse("");
    }

    @Override
    public void close() {
        engine.close();
    }
}
