package lenet5.cli;

import java.util.Optional;
import lenet5.engine.Engine;
import lenet5.opencl.DeviceContext;

/**
 * An engine and, if it runs on OpenCL, its context; closing it closes both.
 *
 * @param engine ready for parameters
 * @param context where profiles come from
 */
record OpenedEngine(Engine engine, Optional<DeviceContext> context) implements AutoCloseable {

    @Override
    public void close() {
        engine.close();
    }
}
