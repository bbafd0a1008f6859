package lenet5.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import lenet5.engines.Engines;
import lenet5.io.AtomicFiles;
import lenet5.nn.Models;
import lenet5.opencl.Device;
import lenet5.opencl.Devices;
import lenet5.opencl.fused.FusedEngines;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lists what could be computed on, and what would be. */
@Command(
        name = "devices",
        mixinStandardHelpOptions = true,
        description = "Lists the OpenCL devices of this machine and tells which one 'auto' takes.")
final class DevicesCommand implements Callable<Integer> {

    private static final String ADVICE =
            "Install a driver to use OpenCL: the GPU vendor's (NVIDIA, AMD and Intel ship one), or for the CPU "
                    + "'apt install ocl-icd-libopencl1 pocl-opencl-icd' on Debian and Ubuntu.";

    private static final int KERNELS_BATCH = 32;

    @Mixin
    private Console console;

    @Option(
            names = "--kernels",
            paramLabel = "DIR",
            description = "Write there what each device's driver is given to compile for lenet5 and " + KERNELS_BATCH
                    + " images a step: DIR/DEVICE/VARIANT.cl.")
    private Path kernels;

    @Override
    public Integer call() throws IOException {
        Devices devices = Devices.discover();
        Optional<Device> taken = Engines.best(devices);
        for (Device device : devices.all()) {
            print(device.facts(), taken.filter(device::equals).isPresent());
            if (kernels != null) {
                writePrograms(device);
            }
        }
        devices.problems().forEach(problem -> console.text("%s", problem));
        if (devices.all().isEmpty()) {
            console.text("%s", ADVICE);
        }
        String reason = taken.isPresent() ? "the best OpenCL GPU" : "no OpenCL GPU: " + Engines.whyNoGpu(devices);
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

    private void writePrograms(Device device) throws IOException {
        String name = device.facts().name().replaceAll("[^A-Za-z0-9.-]+", "-");
        Path directory = Files.createDirectories(kernels.resolve(name));
        for (var program :
                FusedEngines.programs(device, Models.lenet5(), KERNELS_BATCH).entrySet()) {
            Path file = directory.resolve(program.getKey() + ".cl");
            AtomicFiles.write(file, program.getValue().getBytes(StandardCharsets.UTF_8));
            console.message(file + " written");
        }
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
