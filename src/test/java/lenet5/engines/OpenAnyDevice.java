package lenet5.engines;

import lenet5.engine.Settings;
import lenet5.nn.Models;
import lenet5.opencl.TestDevice;

/** Does what {@code auto} does with the best GPU, with whatever device there is. */
public final class OpenAnyDevice {

    private OpenAnyDevice() {}

    /** Prints what is said meanwhile, and the engine's name. */
    public static void main(String[] arguments) {
        try (OpenedEngine opened = Engines.openClOrCpu(
                TestDevice.device(), EngineRequest.BEST, Models.lenet5(), new Settings(4, 1), System.out::println)) {
            System.out.println(opened.engine().name());
        }
    }
}
