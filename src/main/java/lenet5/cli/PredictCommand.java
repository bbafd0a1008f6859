package lenet5.cli;

import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import lenet5.data.DataException;
import lenet5.data.LabeledImages;
import lenet5.engine.Settings;
import lenet5.engines.OpenedEngine;
import lenet5.picture.DigitImage;
import lenet5.picture.PictureFile;
import lenet5.train.Classifier;
import lenet5.train.Model;
import lenet5.train.ModelFile;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Reads a user's pictures of digits. */
@Command(
        name = "predict",
        mixinStandardHelpOptions = true,
        description =
                "Tells which digit each picture shows: a photo of pen on paper, a scan or a drawing, dark on light or "
                        + "light on dark, of any size (PNG, JPEG, GIF, BMP, PGM). A picture without a digit is answered with "
                        + "\"no digit\". One that cannot be read is named, the others are answered, and the exit code is 4.")
final class PredictCommand implements Callable<Integer> {

    /** An engine that only looks at images needs no more than valid settings. */
    static final Settings INFERENCE = new Settings(1, 1);

    private static final String STANDARD_INPUT = "-";
    private static final int CHOICES = 3;

    @Mixin
    private Console console;

    @Mixin
    private EngineOptions engines;

    @Parameters(index = "0", paramLabel = "MODEL", description = "A file that train --out wrote.")
    private Path file;

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "IMAGE",
            description = "A picture of one digit, a directory (its pictures, in the order of their names) or - for a "
                    + "picture on standard input.")
    private List<String> arguments;

    @Spec
    private CommandSpec command;

    private int unreadable;

    /**
     * A picture that could be read.
     *
     * @param name what the user calls it
     * @param digit {@code [28, 28]}; empty if there is none to see
     */
    private record Picture(String name, Optional<byte[]> digit) {}

    /** A digit's probability. */
    private record Choice(int digit, double probability) {
        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%d %5.1f %%", digit, 100 * probability);
        }
    }

    @Override
    public Integer call() {
        if (Collections.frequency(arguments, STANDARD_INPUT) > 1) {
            throw new CommandLine.ParameterException(
                    command.commandLine(), "- is given more than once, but standard input holds one picture");
        }
        Model model = ModelFile.read(file);
        List<Picture> pictures = new ArrayList<>();
        arguments.forEach(argument -> names(argument).forEach(name -> read(name).ifPresent(pictures::add)));
        print(pictures, probabilities(model, pictures));
        return unreadable == 0 ? CommandLine.ExitCode.OK : RootCommand.BAD_FILE;
    }

    /** What {@code argument} stands for: itself, or the files of a directory. */
    private List<String> names(String argument) {
        if (argument.equals(STANDARD_INPUT) || !Files.isDirectory(Path.of(argument))) {
            return List.of(argument);
        }
        try {
            return PictureFile.list(Path.of(argument)).stream()
                    .map(Path::toString)
                    .toList();
        } catch (DataException e) {
            report(argument, e);
            return List.of();
        }
    }

    private Optional<Picture> read(String name) {
        try {
            Optional<byte[]> digit = name.equals(STANDARD_INPUT)
                    ? DigitImage.read("standard input", System.in)
                    : DigitImage.read(Path.of(name));
            return Optional.of(new Picture(name, digit));
        } catch (DataException e) {
            report(name, e);
            return Optional.empty();
        }
    }

    /** One bad file does not spoil the answers to the others. */
    private void report(String name, DataException fault) {
        unreadable++;
        console.message("lenet5: " + fault.getMessage());
        console.event("error", "file", name, "message", fault.getMessage());
    }

    /** Those of every picture that shows a digit, in order. */
    private List<double[]> probabilities(Model model, List<Picture> pictures) {
        try (OpenedEngine opened = engines.open(model.parameters().network(), INFERENCE, false, console::message)) {
            ByteArrayOutputStream pixels = new ByteArrayOutputStream();
            pictures.forEach(picture -> picture.digit.ifPresent(pixels::writeBytes));
            int digits = pixels.size() / (DigitImage.SIZE * DigitImage.SIZE);
            if (digits == 0) {
                return List.of();
            }
            LabeledImages images =
                    new LabeledImages(DigitImage.SIZE, DigitImage.SIZE, pixels.toByteArray(), new byte[digits]);
            return new Classifier(model, opened.engine()).probabilities(images);
        }
    }

    private void print(List<Picture> pictures, List<double[]> probabilities) {
        int widest = pictures.stream()
                .mapToInt(picture -> picture.name.length())
                .max()
                .orElse(0);
        String row = "%-" + Math.max(widest, "picture".length()) + "s  %s";
        if (!pictures.isEmpty()) {
            console.text(row, "picture", "digit      second     third");
        }
        int digits = 0;
        for (Picture picture : pictures) {
            if (picture.digit.isEmpty()) {
                console.text(row, picture.name, "no digit");
                event(picture, null, null, null);
            } else {
                double[] each = probabilities.get(digits++);
                List<Choice> best = best(each);
                console.text(
                        row, picture.name, best.stream().map(Choice::toString).collect(Collectors.joining("  ")));
                event(picture, best.get(0).digit, best.get(0).probability, each);
            }
        }
    }

    private void event(Picture picture, Integer digit, Double probability, double[] probabilities) {
        console.event(
                "prediction",
                "file",
                picture.name,
                "digit",
                digit,
                "probability",
                probability,
                "probabilities",
                probabilities);
    }

    private static List<Choice> best(double[] probabilities) {
        return IntStream.range(0, probabilities.length)
                .mapToObj(digit -> new Choice(digit, probabilities[digit]))
                .sorted(Comparator.comparingDouble(Choice::probability).reversed())
                .limit(CHOICES)
                .toList();
    }
}
