package lenet5.cli;

import lenet5.data.DataSource;
import lenet5.data.Splits;
import lenet5.data.synthetic.SyntheticDigits;
import lenet5.train.CheckpointDirectory.Found;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Where the images come from. */
final class DataOptions {

    @Option(
            names = "--data",
            paramLabel = "auto|mnist|synthetic|DIR",
            defaultValue = "auto",
            description =
                    "auto: $MNIST_DIR, else the cache, else a download, else synthetic digits; mnist: the same without "
                            + "synthetic digits; DIR: a directory with the four IDX files, gzipped or not. Default: auto.")
    private String source;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    /**
     * Takes over where a resumed run had its images from, unless the command line says otherwise. They may lie elsewhere
     * now; what they are is compared once they are loaded.
     */
    void resume(Found found) {
        if (!Usage.isGiven(command, "--data")) {
            source = found.checkpoint().run().data();
        }
    }

    String source() {
        return source;
    }

    /** Loads the images while an engine is opened, whose kernels take as long to build. */
    Background<Splits> startLoading(Console console) {
        return new Background<>(
                "data",
                () -> new DataSource(System.getenv(), SyntheticDigits::splits, console.downloads(), console::message)
                        .load(source));
    }
}
