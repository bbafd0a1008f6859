package lenet5.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import lenet5.data.Splits;
import lenet5.engine.Metrics;
import lenet5.engine.StagedData;
import lenet5.engines.OpenedEngine;
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

    @Mixin
    private ReportOption report;

    @Parameters(paramLabel = "MODEL", description = "A file that train --out wrote.")
    private Path file;

    @Override
    public Integer call() throws IOException {
        engines.check(false);
        report.prepare();
        Model model = ModelFile.read(file);
        Network network = model.parameters().network();
        Remarks remarks = new Remarks();
        try (Background<Splits> loading = data.startLoading(console);
                OpenedEngine opened = engines.open(network, PredictCommand.INFERENCE, false, remarks)) {
            Splits splits = loading.get();
            remarks.sayTo(console::message);
            console.message("device: " + opened.place());
            opened.engine().load(model.parameters());
            try (StagedData test = opened.engine().stage(splits.test(), model.normalization())) {
                Metrics metrics = TestReport.run(console, opened.engine(), test);
                report.write(opened.engine(), model, Optional.of(file), splits, List.of(), test, metrics)
                        .ifPresent(page -> console.text("report: %s", page));
            }
        }
        return 0;
    }
}
