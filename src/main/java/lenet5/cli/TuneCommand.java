package lenet5.cli;

import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.Callable;
import lenet5.engine.Settings;
import lenet5.engines.DeviceUnavailableException;
import lenet5.engines.Engines;
import lenet5.nn.Models;
import lenet5.nn.Network;
import lenet5.opencl.Device;
import lenet5.opencl.tune.Tuner;
import lenet5.opencl.tune.Tuner.Attempt;
import lenet5.opencl.tune.Tuner.Change;
import lenet5.opencl.tune.Tuner.Tuned;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Finds the knobs with which the fused engine is fastest on a device of this machine, and keeps them. */
@Command(
        name = "tune",
        mixinStandardHelpOptions = true,
        description = "Searches for the variant and the knobs with which the fused engine trains fastest on an OpenCL "
                + "device. Each candidate's gradient is compared with the reference's, then its steps are timed in turn "
                + "with the best one's. What wins is kept in the cache and used from then on, for this device, driver "
                + "and size of batch; nothing is kept of a search that is stopped.")
final class TuneCommand implements Callable<Integer> {

    @Mixin
    private Console console;

    @Option(
            names = "--device",
            paramLabel = "auto|gpu|opencl|NAME",
            defaultValue = "auto",
            description =
                    "auto, opencl: the best OpenCL device of any type; gpu: the best OpenCL GPU; else a part of a "
                            + "device's name. Default: auto.")
    private String device;

    @Option(
            names = "--batch-size",
            defaultValue = "32",
            description = "Images a step; what is found holds from the power of two below up to the next one. "
                    + "Default: ${DEFAULT-VALUE}.")
    private int batchSize;

    @Option(
            names = "--seconds",
            defaultValue = "120",
            description =
                    "About how long to search; on a new device most of it goes to compiling. Default: ${DEFAULT-VALUE}.")
    private double seconds;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() throws IOException {
        requireSensible();
        Device chosen = Engines.named(device);
        Network network = Models.lenet5();
        console.message("device: " + chosen + ", batch size " + batchSize);
        console.text("%9s %9s  %s", "us/step", "best", "candidate");
        Tuned tuned;
        try {
            tuned = new Tuner(chosen, network, batchSize).run(seconds, this::print);
        } catch (RuntimeException e) { // whatever a driver fails with, the device is of no use
            throw new DeviceUnavailableException(chosen + " does not work: " + e.getMessage());
        }
        print(tuned);
        return 0;
    }

    private void requireSensible() {
        try {
            new Settings(batchSize, 1);
        } catch (IllegalArgumentException e) {
            throw Usage.wrong(command, e.getMessage());
        }
        if (!(seconds > 0) || seconds > 86_400) {
            throw Usage.wrong(command, "--seconds " + seconds + ", expected more than 0 and at most 86400");
        }
        if (device.equals("cpu")) {
            throw Usage.wrong(command, "--device cpu is Java without OpenCL, which has nothing to tune");
        }
    }

    private void print(Attempt attempt) {
        console.text(
                "%9s %9s  %s%s",
                attempt.seconds().isPresent() ? microseconds(attempt.seconds().getAsDouble()) : "refused",
                attempt.seconds().isPresent() ? microseconds(attempt.bestSeconds()) : "",
                attempt.candidate(),
                attempt.refusal().map(reason -> " (" + reason + ")").orElse(attempt.best() ? "  <- best" : ""));
        console.event(
                "attempt",
                "candidate",
                attempt.candidate(),
                "step_seconds",
                attempt.seconds().isPresent() ? attempt.seconds().getAsDouble() : null,
                "best",
                attempt.best(),
                "refusal",
                attempt.refusal().orElse(null));
    }

    private void print(Tuned tuned) {
        double gain = 1 - tuned.seconds() / tuned.shippedSeconds();
        console.text("%n%-12s %9s  %s", "", "us/step", "variant");
        console.text("%-12s %9s  %s", "shipped", microseconds(tuned.shippedSeconds()), tuned.shippedVariant());
        console.text("%-12s %9s  %s", "best", microseconds(tuned.seconds()), tuned.variant());
        for (Change change : tuned.changes()) {
            console.text("  %s %d instead of %d", change.knob(), change.tuned(), change.shipped());
        }
        console.text(
                "%.1f %% less time a step; %d candidates, %d refused%s",
                100 * gain,
                tuned.tried(),
                tuned.refused(),
                tuned.complete() ? "" : "; more --seconds would try others");
        console.text(
                "%s",
                tuned.file()
                        .map(file -> "in use from now on for such batches: " + file)
                        .orElse("nothing faster than the shipped knobs was found"));
        console.event(
                "tuned",
                "shipped_variant",
                tuned.shippedVariant(),
                "variant",
                tuned.variant(),
                "changes",
                tuned.changes(),
                "shipped_step_seconds",
                tuned.shippedSeconds(),
                "step_seconds",
                tuned.seconds(),
                "gain",
                gain,
                "tried",
                tuned.tried(),
                "refused",
                tuned.refused(),
                "complete",
                tuned.complete(),
                "file",
                tuned.file().map(Object::toString).orElse(null));
    }

    private static String microseconds(double seconds) {
        return String.format(Locale.ROOT, "%,.1f", seconds * 1e6);
    }
}
