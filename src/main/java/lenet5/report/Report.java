package lenet5.report;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lenet5.io.AtomicFiles;
import lenet5.train.EpochRecord;

/** A directory that tells of a run: {@code index.html}, whole in itself, the pictures as PNG, {@code history.csv}. */
public final class Report {

    /** The page, which opens without anything else. */
    public static final String PAGE = "index.html";

    private static final String HISTORY = "history.csv";
    private static final String HISTORY_COLUMNS = "epoch,train_loss,train_accuracy,validation_loss,validation_accuracy,"
            + "train_seconds,validation_seconds,images_per_second";

    private Report() {}

    /**
     * Makes {@code directory} if it is not there and tries what {@link #write} will do: hours of training must not end at a
     * report that cannot be written.
     *
     * @throws IOException saying what does not work
     */
    public static void prepare(Path directory) throws IOException {
        try {
            Files.createDirectories(directory);
            Files.delete(Files.createTempFile(directory, ".report", null));
        } catch (IOException e) {
            throw new IOException(directory + " cannot be written, expected a writable directory", e);
        }
        try {
            Drawing.captioned(new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB), List.of("text"));
        } catch (InternalError | LinkageError | RuntimeException e) { // all of these happen, by the version of Java
            throw new IOException("no text can be drawn, expected the library fontconfig and a font on this system", e);
        }
    }

    /**
     * Writes the report on {@code run}; files of the same names are replaced, each by a whole one, the page last.
     *
     * @param directory is there already
     * @throws IOException if a file cannot be written
     */
    public static void write(Path directory, ReportedRun run) throws IOException {
        Page page = new Page(run);
        for (Map.Entry<String, Picture> picture : page.pictures().entrySet()) {
            AtomicFiles.write(
                    directory.resolve(picture.getKey()), picture.getValue().png());
        }
        if (!run.history().isEmpty()) {
            write(directory.resolve(HISTORY), csv(run.history()));
        }
        write(directory.resolve(PAGE), page.html());
    }

    private static void write(Path file, String text) throws IOException {
        AtomicFiles.write(file, text.getBytes(StandardCharsets.UTF_8));
    }

    private static String csv(List<EpochRecord> history) {
        return HISTORY_COLUMNS + "\n" + history.stream().map(Report::row).collect(Collectors.joining());
    }

    private static String row(EpochRecord epoch) {
        return epoch.epoch() + ","
                + Stream.of(
                                epoch.training().loss(),
                                epoch.training().accuracy(),
                                epoch.validation().loss(),
                                epoch.validation().accuracy(),
                                epoch.trainSeconds(),
                                epoch.validationSeconds(),
                                epoch.imagesPerSecond())
                        .map(String::valueOf)
                        .collect(Collectors.joining(","))
                + "\n";
    }
}
