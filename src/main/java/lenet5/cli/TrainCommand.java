package lenet5.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import lenet5.data.Splits;
import lenet5.engine.Settings;
import lenet5.engines.OpenedEngine;
import lenet5.nn.Network;
import lenet5.train.CheckpointDirectory;
import lenet5.train.CheckpointDirectory.Found;
import lenet5.train.Run;
import lenet5.train.TrainingOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

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
    private TrainingArguments training;

    @Mixin
    private ReportOption report;

    @Mixin
    private CheckpointOptions checkpoints;

    @Option(names = "--out", paramLabel = "FILE", description = "Write the trained model there (safetensors).")
    private Path out;

    @Option(
            names = "--profile",
            description =
                    "Time each kernel, or on simd each layer, and print the table at the end; slows training down.")
    private boolean profile;

    @Override
    public Integer call() throws IOException {
        Optional<Found> resumed = checkpoints.resume(console::message);
        resumed.ifPresent(this::takeOver);
        Network network = training.network();
        Settings settings = training.settings();
        TrainingOptions options = training.options();
        engines.check(profile);
        requireWritable(out);
        report.prepare();
        Optional<CheckpointDirectory> directory = checkpoints.open();
        Remarks remarks = new Remarks();
        try (Background<Splits> loading = data.startLoading(console);
                OpenedEngine opened = engines.open(network, settings, profile, remarks)) {
            Splits splits = loading.get();
            remarks.sayTo(console::message);
            Run run = new Run(
                    options,
                    settings,
                    checkpoints.every(),
                    data.source(),
                    engines.device(),
                    engines.engine(),
                    engines.variant(),
                    directory.isPresent() ? splits.fingerprint() : "",
                    opened.place());
            new TrainingSession(console, network, opened, splits, run, resumed, directory)
                    .run(Optional.ofNullable(out), report);
            if (profile) {
                ProfileReport.print(console, opened.profile().get());
                opened.fused().ifPresent(fused -> ProfileReport.print(console, fused.footprint()));
            }
        }
        return 0;
    }

    private void takeOver(Found found) {
        training.resume(found);
        data.resume(found);
        engines.resume(found);
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
}
