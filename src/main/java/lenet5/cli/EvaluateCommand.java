package lenet5.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import lenet5.data.Splits;
import lenet5.nn.Network;
import lenet5.train.Model;
import lenet5.train.ModelFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Tests a model file. */
@Command(name = "evaluate", mixinStandardHelpOptions = true, description = "Tests a trained model on the test images.")
final class EvaluateCommand implements Callable<Integer> {

    @Mixin
    private Console console;

    @Mixin
    private DataOptions data;

    @Mixin
    private EngineOptions engines;

    @Parameters(paramLabel = "MODEL", description = "A file that train --out wrote.")
    private Path file;

    @Override
    public Integer call() {
        Model model = ModelFile.read(file);
        Network network = model.parameters().network();
        try (OpenedEngine opened = engines.open(network, PredictCommand.INFERENCE, false, console::message)) {
            Splits splits = data.load(console);
            console.message("device: " + opened.engine().device() + ", engine "
                    + opened.engine().name());
            opened.engine().load(model.parameters());
            TestReport.run(console, opened.engine(), opened.engine().stage(splits.test(), model.normalization()));
        }
        return 0;
    }
}
