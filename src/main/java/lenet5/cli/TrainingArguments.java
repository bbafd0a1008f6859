package lenet5.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import lenet5.engine.Settings;
import lenet5.nn.Models;
import lenet5.nn.Network;
import lenet5.train.CheckpointDirectory.Found;
import lenet5.train.Run;
import lenet5.train.TrainingOptions;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What to train, and how: the options that decide the parameters. */
final class TrainingArguments {

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
            description =
                    "Of the initial weights, the shuffles and the augmentation; the same seed gives the same model. "
                            + "Default: 1.")
    private long seed;

    @Option(
            names = "--patience",
            paramLabel = "N",
            defaultValue = "0",
            description =
                    "Stop when the validation loss has not fallen for N epochs, and keep the parameters of the best "
                            + "epoch instead of the last. Default: 0, never.")
    private int patience;

    @Option(
            names = "--augment",
            description =
                    "Train each epoch on fresh random variants of the images: shifted, turned, stretched, slanted and "
                            + "bent a little.")
    private boolean augment;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    Network network() {
        return checked(() -> Models.named(model));
    }

    Settings settings() {
        return checked(() -> new Settings(batchSize, learningRate));
    }

    TrainingOptions options() {
        return checked(() -> new TrainingOptions(epochs, seed, patience, augment));
    }

    /** Goes on with the run of {@code found}: its options are the defaults, and most must stay as they were. */
    void resume(Found found) {
        Run run = found.checkpoint().run();
        List<String> contradictions = new ArrayList<>();
        model = fixed(
                "--model",
                model,
                found.checkpoint().state().parameters().network().name(),
                contradictions);
        batchSize = fixed("--batch-size", batchSize, run.settings().batchSize(), contradictions);
        learningRate = fixed("--learning-rate", learningRate, run.settings().learningRate(), contradictions);
        seed = fixed("--seed", seed, run.options().seed(), contradictions);
        augment = fixed("--augment", augment, run.options().augment(), contradictions);
        if (!contradictions.isEmpty()) {
            throw Usage.wrong(
                    command,
                    String.join(", ", contradictions) + ": a resumed run keeps the options of " + found.file());
        }
        epochs = Usage.isGiven(command, "--epochs") ? epochs : run.options().epochs();
        patience =
                Usage.isGiven(command, "--patience") ? patience : run.options().patience();
        int done = found.checkpoint().state().epoch();
        if (epochs < done) {
            throw Usage.wrong(
                    command, "--epochs " + epochs + ", expected at least the " + done + " of " + found.file());
        }
    }

    private <T> T fixed(String option, T asked, T stored, List<String> contradictions) {
        if (Usage.isGiven(command, option) && !asked.equals(stored)) {
            contradictions.add(option + " " + asked + " (it has " + stored + ")");
        }
        return stored;
    }

    private <T> T checked(Supplier<T> option) {
        try {
            return option.get();
        } catch (IllegalArgumentException e) {
            throw Usage.wrong(command, e.getMessage());
        }
    }
}
