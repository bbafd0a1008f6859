package lenet5.cli;

import java.util.Locale;
import lenet5.train.EpochRecord;
import lenet5.train.TrainingState;
import me.tongfei.progressbar.ProgressBar;

/** Prints each epoch as it ends; on a terminal above a bar with the last epoch's figures and the time that is left. */
final class EpochReport implements AutoCloseable {

    private final Console console;
    private final int epochs;
    private final ProgressBar bar;

    /** A report of a run of {@code epochs}, some of which may be done. */
    EpochReport(Console console, int epochs, TrainingState start) {
        this.console = console;
        this.epochs = epochs;
        this.bar = console.isInteractive() ? console.progressBar("", "", 1, start.epoch(), epochs) : null;
    }

    void epochEnded(EpochRecord record) {
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
            bar.setExtraMessage(String.format(
                    Locale.ROOT,
                    "loss %.4f, %.2f %%, %,.0f images/s", // all of it fits a terminal of 80 columns
                    record.validation().loss(),
                    100 * record.validation().accuracy(),
                    record.imagesPerSecond()));
            bar.step();
        }
    }

    @Override
    public void close() {
        if (bar != null) {
            console.end(bar);
        }
    }
}
