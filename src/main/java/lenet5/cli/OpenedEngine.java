package lenet5.cli;

import java.util.List;
import java.util.function.Supplier;
import lenet5.engine.Engine;
import lenet5.engine.ProfileRow;

/**
 * An engine and what it tells of its time; closing it closes the engine.
 *
 * @param engine ready for parameters
 * @param profile to be asked for only if the engine was opened for profiling
 */
record OpenedEngine(Engine engine, Supplier<List<ProfileRow>> profile) implements AutoCloseable {

    @Override
    public void close() {
        engine.close();
    }
}
