package lenet5.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import lenet5.data.Normalization;
import lenet5.data.Splits;
import lenet5.engine.Engine;
import lenet5.engine.Metrics;
import lenet5.engine.ProfileRow;
import lenet5.engine.Settings;
import lenet5.engine.StagedData;
import lenet5.nn.Models;
import lenet5.nn.Network;
import lenet5.train.EpochRecord;
import lenet5.train.Model;
import lenet5.train.ModelFile;
import lenet5.train.Trainer;
import lenet5.train.TrainingOptions;
import me.tongfei.progressbar.ProgressBar;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains a network, tests it and keeps it. */
@Command(name = "train", mixinStandardHelpOptions = true, description = "Trains a network and tests it.")
final class TrainCommand implements Callable<Integer> {

    @Mixin
    private Console console;

    @Mixin
    private DataOptions data;

    @Mixin
    private EngineOptions engines;

    @Mixin
    private ReportOption report;

    @Option(
            names = "--model",
            paramLabel = "NAME",
            defaultValue = "lenet5",
            description = "The network. Default: lenet5.")
    private String model;

    @Option(names = "--epochs", defaultValue = "20", description = "Passes over the training images. Default: 20.")
    private int epochs;

    @Option(names = "--batch-size", defaultValue = "32", description = "Images a step. Default: 32.")
    private int batchSize;

    @Option(names = "--learning-rate", defaultValue = "0.01", description = "Of plain SGD. Default: 0.01.")
    private float learningRate;

    @Option(
            names = "--seed",
            defaultValue = "1",
            description = "Of the initial weights and the shuffles; the same seed gives the same model. Default: 1.")
    private long seed;

    @Option(names = "--out", paramLabel = "FILE", description = "Write the trained model there (safetensors).")
    private Path out;

    @Option(
            names = "--profile",
            description =
                    "Time each kernel, or on simd each layer, and print the table at the end; slows training down.")
    private boolean profile;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() throws IOException {
        Network network = checked(() -> Models.named(model));
        Settings settings = checked(() -> new Settings(batchSize, learningRate));
        TrainingOptions options = checked(() -> new TrainingOptions(epochs, seed));
        requireWritable(out);
        report.prepare();
        try (OpenedEngine opened = engines.open(network, settings, profile, console::message)) {
            Splits splits = data.load(console);
            Normalization normalization = Normalization.of(splits.train(), network.input());
            Engine engine = opened.engine();
            announce(network, splits, engine);
            List<EpochRecord> history;
            try (EpochReport progress = new EpochReport(console, epochs)) {
                history = new Trainer(engine, options).train(network, splits, normalization, progress);
            }
            StagedData test = engine.stage(splits.test(), normalization);
            Metrics metrics = TestReport.run(console, engine, test);
            Model trained = new Model(engine.parameters(), normalization, seed, epochs);
            if (out != null) {
                ModelFile.write(out, trained);
                console.message("model written to " + out);
            }
            report.write(console, engine, trained, Optional.ofNullable(out), splits, history, test, metrics);
            if (profile) {
                printProfile(opened.profile().get());
            }
        }
        return 0;
    }

    private void announce(Network network, Splits splits, Engine engine) {
        int train = splits.train().count();
        int validation = splits.validation().count();
        int test = splits.test().count();
        console.message("device: " + engine.device() + ", engine " + engine.name());
        console.text("%s", network.summary().strip());
        console.text(
                "%n%,d training, %,d validation and %,d test images of %s%n", train, validation, test, splits.name());
        console.event(
                "start",
                "device",
                engine.device(),
                "engine",
                engine.name(),
                "model",
                network.name(),
                "data",
                splits.name(),
                "train",
                train,
                "validation",
                validation,
                "test",
                test,
                "parameters",
                network.parameterCount(),
                "epochs",
                epochs,
                "batch_size",
                batchSize,
                "learning_rate",
                learningRate,
                "seed",
                seed);
    }

    private void printProfile(List<ProfileRow> rows) {
        console.text("%n%-34s %9s %9s %7s %9s %8s", "activity", "runs", "seconds", "share", "GFLOP/s", "GB/s");
        for (ProfileRow row : rows) {
            console.text(
                    "%-34s %,9d %9.3f %6.1f%% %9.2f %8.2f",
                    row.activity(), row.runs(), row.seconds(), 100 * row.share(), row.gigaflops(), row.gigabytes());
            console.event(
                    "profile",
                    "activity",
                    row.activity(),
                    "runs",
                    row.runs(),
                    "seconds",
                    row.seconds(),
                    "share",
                    row.share(),
                    "gigaflops",
                    row.gigaflops(),
                    "gigabytes",
                    row.gigabytes());
        }
    }

    /** Hours of training must not end at a file that cannot be written. */
    private static void requireWritable(Path file) throws IOException {
        if (file == null) {
            return;
        }
        Path directory = file.toAbsolutePath().getParent();
        if (!Files.isDirectory(directory) || !Files.isWritable(directory) || Files.isDirectory(file)) {
            throw new IOException("--out " + file + " cannot be written, expected a file in a writable directory");
        }
    }

    private <T> T checked(java.util.function.Supplier<T> option) {
        try {
            return option.get();
        } catch (IllegalArgumentException e) {
            throw new CommandLine.ParameterException(command.commandLine(), e.getMessage(), e);
        }
    }

    /** Prints each epoch as it ends; on a terminal under a progress bar. */
    private static final class EpochReport implements Consumer<EpochRecord>, AutoCloseable {
        private final Console console;
        private final int epochs;
        private final ProgressBar bar;

        EpochReport(Console console, int epochs) {
            this.console = console;
            this.epochs = epochs;
            this.bar = console.isInteractive() ? console.progressBar("training", " epochs", 1, epochs) : null;
        }

        @Override
        public void accept(EpochRecord record) {
            console.text(
                    "epoch %2d/%d  train loss %.4f  validation loss %.4f  accuracy %.2f %%  %.2f s  %,.0f images/s",
                    record.epoch(),
                    epochs,
                    record.training().loss(),
                    record.validation().loss(),
                    100 * record.validation().accuracy(),
                    record.trainSeconds(),
                    record.imagesPerSecond());
            console.event(
                    "epoch",
                    "epoch",
                    record.epoch(),
                    "train_loss",
                    record.training().loss(),
                    "train_accuracy",
                    record.training().accuracy(),
                    "validation_loss",
                    record.validation().loss(),
                    "validation_accuracy",
                    record.validation().accuracy(),
                    "train_seconds",
                    record.trainSeconds(),
                    "validation_seconds",
                    record.validationSeconds(),
                    "images_per_second",
                    record.imagesPerSecond());
            if (bar != null) {
                bar.step();
            }
        }

        @Override
        public void close() {
            if (bar != null) {
                bar.close();
            }
        }
    }
}
