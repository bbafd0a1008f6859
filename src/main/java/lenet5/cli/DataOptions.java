package lenet5.cli;

import lenet5.data.DataSource;
import lenet5.data.Splits;
import picocli.CommandLine.Option;

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

    Splits load(Console console) {
        return new DataSource(System.getenv(), console.downloads(), console::message).load(source);
    }
}
