package lenet5.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import lenet5.data.DataException;
import lenet5.data.Normalization;
import lenet5.data.Splits;
import lenet5.engine.Metrics;
import lenet5.engine.StagedData;
import lenet5.engines.OpenedEngine;
import lenet5.nn.Network;
import lenet5.train.Checkpoint;
import lenet5.train.CheckpointDirectory;
import lenet5.train.CheckpointDirectory.Found;
import lenet5.train.DivergedException;
import lenet5.train.Model;
import lenet5.train.ModelFile;
import lenet5.train.Run;
import lenet5.train.Trainer;
import lenet5.train.TrainingState;

/**
 * A run from its first line to its last: says what begins, trains, keeps the model, tests it, says what to do next.
 *
 * @param resumed the checkpoint to go on from
 * @param directory where to write checkpoints
 */
record TrainingSession(
        Console console,
        Network network,
        OpenedEngine opened,
        Splits splits,
        Run run,
        Optional<Found> resumed,
        Optional<CheckpointDirectory> directory) {

    /** Runs it and writes the model to {@code out}, and the report. */
    void run(Optional<Path> out, ReportOption report) throws IOException {
        resumed.ifPresent(this::requireSameImages);
        announce();
        resumed.ifPresent(this::announceResumed);
        Normalization normalization = Normalization.of(splits.train(), network.input());
        CheckpointWriter writer =
                new CheckpointWriter(console, directory, run, normalization, resumed.map(Found::file));
        TrainingState end = train(normalization, writer);
        announceEarlyStop(end);
        Model model = new Checkpoint(run, normalization, end).model();
        if (out.isPresent()) {
            ModelFile.write(out.get(), model);
            console.event("model", "epoch", model.epochs(), "file", out.get().toString());
        }
        opened.engine().load(model.parameters());
        Optional<Path> page;
        try (StagedData test = opened.engine().stage(splits.test(), normalization)) {
            Metrics metrics = TestReport.run(console, opened.engine(), test);
            page = report.write(opened.engine(), model, out, splits, end.history(), test, metrics);
        }
        conclude(end, model, out.or(writer::newest), page);
    }

    private void announce() {
        int train = splits.train().count();
        int validation = splits.validation().count();
        int test = splits.test().count();
        console.message("device: " + run.place());
        console.text("%s", network.summary().strip());
        console.text(
                "%n%,d training, %,d validation and %,d test images of %s%n", train, validation, test, splits.name());
        console.event(
                "start",
                "device",
                opened.engine().device(),
                "engine",
                opened.engine().name(),
                "variant",
                opened.fused().map(fused -> fused.variant().name()).orElse(null),
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
                run.options().epochs(),
                "batch_size",
                run.settings().batchSize(),
                "learning_rate",
                run.settings().learningRate(),
                "seed",
                run.options().seed(),
                "augment",
                run.options().augment());
    }

    private void requireSameImages(Found found) {
        if (!found.checkpoint().run().images().equals(run.images())) {
            throw new DataException("the images of " + splits.name() + " are not those that " + found.file()
                    + " was trained on; pass the --data of the first run");
        }
    }

    private void announceResumed(Found found) {
        Run before = found.checkpoint().run();
        if (!before.place().equals(run.place())) {
            console.message("it ran on " + before.place() + " before; from here on its bits may differ");
        }
        int epoch = found.checkpoint().state().epoch();
        console.message("resuming after epoch " + epoch + " from " + found.file());
        console.event("resume", "epoch", epoch, "file", found.file().toString());
    }

    private TrainingState train(Normalization normalization, CheckpointWriter writer) throws IOException {
        TrainingState start = resumed.map(found -> found.checkpoint().state())
                .orElseGet(() -> TrainingState.initial(network, run.options().seed()));
        try (writer;
                EpochReport report = new EpochReport(console, run.options().epochs(), start)) {
            return new Trainer(opened.engine(), run.options())
                    .train(
                            start,
                            splits,
                            normalization,
                            state -> writer.epochEnded(
                                    state,
                                    () -> report.epochEnded(state.history().get(state.epoch() - 1))));
        } catch (DivergedException e) {
            writer.newest().ifPresent(file -> console.message("the last good checkpoint is " + file));
            throw e;
        }
    }

    private void announceEarlyStop(TrainingState end) {
        if (end.epoch() < run.options().epochs()) {
            console.text(
                    "%nstopped after epoch %d: the validation loss was lowest after epoch %d",
                    end.epoch(), end.bestEpoch());
            console.event("early_stop", "epoch", end.epoch(), "best_epoch", end.bestEpoch());
        }
    }

    private void conclude(TrainingState end, Model model, Optional<Path> file, Optional<Path> page) {
        double seconds = end.history().stream()
                .mapToDouble(record -> record.trainSeconds() + record.validationSeconds())
                .sum();
        console.text("%,d epochs in %.1f s", end.epoch(), seconds);
        if (file.isPresent()) {
            String which =
                    model.epochs() == end.epoch() ? "" : ", the parameters of epoch " + model.epochs() + ", the best";
            console.text("model: %s%s", file.get(), which);
        } else {
            console.text("model: not kept");
        }
        page.ifPresent(path -> console.text("report: %s", path));
        console.text(
                "next:  ./lenet5 %s",
                file.map(path -> "predict " + path + " IMAGE...").orElse("train --out lenet5.safetensors"));
    }
}
