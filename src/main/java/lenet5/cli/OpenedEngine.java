package lenet5.cli;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import lenet5.engine.Engine;
import lenet5.engine.ProfileRow;
import lenet5.opencl.Footprint;

/**
 * An engine and what it tells of its time; closing it closes the engine.
 *
 * @param engine ready for parameters
 * @param tuning what it uses of what {@code tune} found, if anything
 * @param profile to be asked for only if the engine was opened for profiling
 * @param footprint what a step takes from the device, where the engine is the fused one
 */
record OpenedEngine(
        Engine engine, Optional<String> tuning, Supplier<List<ProfileRow>> profile, Optional<Footprint> footprint)
        implements AutoCloseable {

    /** Where and how it computes, for people. */
    String place() {
        return engine.device() + ", engine " + engine.name()
                + tuning.map(found -> ", tuned (" + found + ")").orElse("");
    }

    @Override
    public void close() {
        engine.close();
    }
}
