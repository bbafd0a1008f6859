package lenet5.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import lenet5.data.Splits;
import lenet5.engine.Engine;
import lenet5.engine.Metrics;
import lenet5.engine.StagedData;
import lenet5.report.Report;
import lenet5.report.ReportedRun;
import lenet5.train.EpochRecord;
import lenet5.train.Model;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The option that asks for a page about the run. */
final class ReportOption {

    @Option(
            names = "--report",
            paramLabel = "DIR",
            description =
                    "Write a page about the run there: index.html, which needs nothing else, and its pictures as PNG; "
                            + "the history of a training as CSV.")
    private Path directory;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    /** Fails before any work is done if the report cannot be written. */
    void prepare() throws IOException {
        if (directory != null) {
            try {
                Report.prepare(directory);
            } catch (IOException e) {
                throw new IOException("--report: " + e.getMessage(), e);
            }
        }
    }

    /**
     * Writes the report if it was asked for, and says where its page is.
     *
     * @param engine holds {@code model}'s parameters
     * @param file where the model is kept, if it is
     * @param history empty if nothing was trained
     * @param test {@code data}'s test images, staged on {@code engine}
     */
    Optional<Path> write(
            Engine engine,
            Model model,
            Optional<Path> file,
            Splits data,
            List<EpochRecord> history,
            StagedData test,
            Metrics metrics)
            throws IOException {
        if (directory == null) {
            return Optional.empty();
        }
        ReportedRun run = new ReportedRun(
                engine.device(), engine.name(), options(), file, data, model, history, metrics, engine.logits(test));
        Report.write(directory, run);
        return Optional.of(directory.resolve(Report.PAGE));
    }

    /** Every option that has a value, given or by default; flags that are not set say nothing. */
    private Map<String, String> options() {
        Map<String, String> values = new LinkedHashMap<>();
        for (OptionSpec option : command.options()) {
            Object value = option.getValue();
            if (value != null && !Boolean.FALSE.equals(value)) {
                values.put(option.longestName(), value.toString());
            }
        }
        return values;
    }
}
