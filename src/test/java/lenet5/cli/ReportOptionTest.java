package lenet5.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import lenet5.ChildJvm;
import lenet5.ChildJvm.Result;
import lenet5.Lenet5Gpu;
import lenet5.data.TinyMnist;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class ReportOptionTest {

    @TempDir
    private Path directory;

    private String data;

    @BeforeEach
    void writeData() throws IOException {
        data = TinyMnist.write(directory.resolve("data")).toString();
    }

    @Test
    void trainingAndEvaluationWriteReports() throws IOException {
        Path model = directory.resolve("model.safetensors");
        Path trained = directory.resolve("reports/trained");
        Result result = Commands.succeed(
                "train",
                "--data",
                data,
                "--device",
                "cpu",
                "--epochs",
                "2",
                "--out",
                model.toString(),
                "--report",
                trained.toString());
        assertTrue(result.out().contains("report: " + trained.resolve("index.html")), result::toString);
        assertEquals(3, Files.readAllLines(trained.resolve("history.csv")).size());
        String page = Files.readString(trained.resolve("index.html"));
        assertTrue(page.contains("<dt>--epochs</dt><dd>2</dd>"));
        assertTrue(page.contains("<dt>--batch-size</dt><dd>32</dd>"), "what was not given has its default");
        assertTrue(page.contains("<dt>model file</dt><dd>" + model + "</dd>"));
        assertFalse(page.contains("<dt>--profile</dt>"), "a flag that is not set");

        Path evaluated = directory.resolve("evaluated");
        Commands.succeed(
                "evaluate", model.toString(), "--data", data, "--device", "cpu", "--report", evaluated.toString());
        assertTrue(Files.exists(evaluated.resolve("index.html")));
        assertFalse(Files.exists(evaluated.resolve("history.csv")));
    }

    @Test
    void aReportThatCannotBeWrittenIsToldBeforeTraining() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "mine");
        for (Path impossible : new Path[] {file, file.resolve("report"), Path.of("/proc/report")}) {
            Commands.fail(
                    1,
                    "--report: " + impossible + " cannot be written",
                    "train",
                    "--json",
                    "--data",
                    data,
                    "--device",
                    "cpu",
                    "--report",
                    impossible.toString());
        }
        assertEquals("mine", Files.readString(file));
    }

    /** As in a small container. Java asks fontconfig for fonts; here it finds files that are no library. */
    @Test
    @EnabledOnOs(OS.LINUX)
    void aSystemThatCannotDrawTextIsToldBeforeTraining() throws IOException {
        Path libraries = Files.createDirectory(directory.resolve("libraries"));
        Files.createFile(libraries.resolve("libfontconfig.so.1"));
        Files.createFile(libraries.resolve("libfontconfig.so"));
        Result result = new ChildJvm(directory)
                .environment("LD_LIBRARY_PATH", libraries.toString())
                .run(Lenet5Gpu.class, "train", "--data", data, "--device", "cpu", "--report", "report");
        assertEquals(1, result.exitCode(), result::toString);
        assertEquals("", result.out());
        assertTrue(
                result.err()
                        .lines()
                        .toList()
                        .contains("lenet5: --report: no text can be drawn, expected the library"
                                + " fontconfig and a font on this system"),
                result::toString);
    }
}
