package lenet5.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import lenet5.data.Normalization;
import lenet5.nn.Models;
import lenet5.nn.Network;
import lenet5.train.Model;
import lenet5.train.ModelFile;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes a model of what PyTorch wrote. */
@Command(
        name = "import",
        mixinStandardHelpOptions = true,
        description = "Makes a model file of a safetensors file with the state of a PyTorch nn.Sequential.")
final class ImportCommand implements Callable<Integer> {

    @Mixin
    private Console console;

    @Parameters(
            paramLabel = "FILE",
            description = "What safetensors.torch.save_file(model.state_dict(), FILE) wrote: float32 tensors 0.weight, "
                    + "0.bias and so on, shaped as the network's.")
    private Path file;

    @Option(
            names = "--model",
            paramLabel = "NAME",
            defaultValue = "lenet5",
            description = "The network. Default: lenet5.")
    private String name;

    @Option(
            names = "--mean",
            paramLabel = "MEAN",
            description = "What was subtracted from pixels divided by 255. Default: normalization_mean in the file's "
                    + "metadata, else 0.")
    private Float mean;

    @Option(
            names = "--out",
            paramLabel = "MODEL",
            description = "Write the model there. Default: beside FILE, ending in -imported.safetensors.")
    private Path out;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() throws IOException {
        if (!Models.names().contains(name)) {
            throw usage("unknown model '" + name + "', expected one of " + Models.names());
        }
        if (mean != null && !Float.isFinite(mean)) {
            throw usage("--mean " + mean + ", expected a finite number");
        }
        Network network = Models.named(name);
        Model model =
                ModelFile.readState(file, network, Optional.ofNullable(mean).map(Normalization::new));
        Path target = out == null ? ExportCommand.beside(file, "-imported.safetensors") : out;
        ModelFile.write(target, model);
        float subtracted = model.normalization().mean();
        console.text("%s written, %s with mean %s", target, network.name(), subtracted);
        console.event("import", "file", target.toString(), "model", network.name(), "normalization_mean", subtracted);
        return 0;
    }

    private CommandLine.ParameterException usage(String message) {
        return new CommandLine.ParameterException(command.commandLine(), message);
    }
}
