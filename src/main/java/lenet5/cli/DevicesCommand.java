package lenet5.cli;

import java.util.Optional;
import java.util.concurrent.Callable;
import lenet5.opencl.Device;
import lenet5.opencl.Devices;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Lists what could be computed on, and what would be. */
@Command(
        name = "devices",
        mixinStandardHelpOptions = true,
        description = "Lists the OpenCL devices of this machine and tells which one 'auto' takes.")
final class DevicesCommand implements Callable<Integer> {

    private static final String ADVICE =
            "Install a driver to use OpenCL: the GPU vendor's (NVIDIA, AMD and Intel ship one), or for the CPU "
                    + "'apt install ocl-icd-libopencl1 pocl-opencl-icd' on Debian and Ubuntu.";

    @Mixin
    private Console console;

    @Override
    public Integer call() {
        Devices devices = Devices.discover();
        Optional<Device> taken = EngineOptions.best(devices);
        for (Device device : devices.all()) {
            print(device.facts(), taken.filter(device::equals).isPresent());
        }
        devices.problems().forEach(problem -> console.text("%s", problem));
        if (devices.all().isEmpty()) {
            console.text("%s", ADVICE);
        }
        String reason = taken.isPresent() ? "the best OpenCL GPU" : "no OpenCL GPU: " + EngineOptions.whyNoGpu(devices);
        console.text("auto takes %s (%s)", taken.map(Device::toString).orElse("the CPU"), reason);
        console.event(
                "auto",
                "device",
                taken.map(Device::toString).orElse("cpu"),
                "reason",
                reason,
                "problems",
                devices.problems());
        return 0;
    }

    private void print(Device.Facts facts, boolean taken) {
        console.text("%s%s", facts.name(), taken ? "  <- auto" : "");
        console.text("  platform     %s, %s", facts.platform(), facts.platformVersion());
        console.text("  vendor       %s, driver %s", facts.vendor(), facts.driver());
        console.text("  type         %s, %s", facts.type(), facts.version());
        console.text("  compute      %d units at up to %,d MHz", facts.computeUnits(), facts.clockMegahertz());
        console.text(
                "  memory       %,d MiB, %,d KiB local",
                facts.globalMemoryBytes() >> 20, facts.localMemoryBytes() >> 10);
        console.text("  work-group   up to %,d work-items%n", facts.maxWorkGroupSize());
        console.event("device", "facts", facts, "auto", taken);
    }
}
