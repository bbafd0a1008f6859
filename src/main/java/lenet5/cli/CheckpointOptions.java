package lenet5.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import lenet5.train.CheckpointDirectory;
import lenet5.train.CheckpointDirectory.Found;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Where a run keeps its checkpoints, how often, and which run to go on with. */
final class CheckpointOptions {

    @Option(
            names = "--checkpoint",
            paramLabel = "DIR",
            description =
                    "Write a checkpoint there after every epoch, at the end and when interrupted; the newest and the "
                            + "one before are kept.")
    private Path directory;

    @Option(
            names = "--every",
            paramLabel = "N",
            defaultValue = "1",
            description = "Epochs between checkpoints. Default: 1.")
    private int every;

    @Option(
            names = "--resume",
            paramLabel = "DIR",
            description = "Go on with the run that wrote the checkpoints there, and write new ones there unless "
                    + "--checkpoint names another place. Its options are the defaults; --model, --batch-size, "
                    + "--learning-rate, --seed, --augment and the images must stay as they were, the rest may change.")
    private Path resumed;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    int every() {
        return every;
    }

    /** The run to go on with, if that is asked, by its newest checkpoint. */
    Optional<Found> resume(Consumer<String> messages) {
        requireSensible();
        Optional<Found> found =
                Optional.ofNullable(resumed).map(from -> new CheckpointDirectory(from).newest(messages));
        if (!Usage.isGiven(command, "--every")) {
            found.ifPresent(run -> every = run.checkpoint().run().every());
        }
        return found;
    }

    private void requireSensible() {
        if (every < 1) {
            throw Usage.wrong(command, "--every " + every + ", expected at least 1");
        }
        if (Usage.isGiven(command, "--every") && directory == null && resumed == null) {
            throw Usage.wrong(command, "--every needs --checkpoint or --resume");
        }
    }

    /** Where to write, made ready, if that is asked. */
    Optional<CheckpointDirectory> open() throws IOException {
        if (directory == null || directory.equals(resumed)) {
            return Optional.ofNullable(resumed).map(CheckpointDirectory::new);
        }
        CheckpointDirectory fresh = new CheckpointDirectory(directory);
        fresh.create();
        return Optional.of(fresh);
    }
}
