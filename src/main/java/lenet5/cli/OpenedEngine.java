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
 * @param profile to be asked for only if the engine was opened for profiling
 * @param footprint what a step takes from the device, where the engine is the fused one
 */
record OpenedEngine(Engine engine, Supplier<List<ProfileRow>> profile, Optional<Footprint> footprint)
        implements AutoCloseable {

    @Override
    public void close() {
        engine.close();
    }
}
