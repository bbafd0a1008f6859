package lenet5.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import lenet5.ChildJvm;
import lenet5.ChildJvm.Result;
import lenet5.ChildJvm.Running;
import lenet5.Lenet5Gpu;
import lenet5.data.TinyMnist;
import lenet5.opencl.TestDevice;
import lenet5.opencl.tune.TunedDevice;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The command, and what training makes of its result; each in a JVM with a cache of its own. */
@EnabledOnOs(OS.LINUX)
class TuneCommandTest {

    @TempDir
    private Path directory;

    private Path home;
    private ChildJvm jvm;

    @BeforeEach
    void describe() throws IOException {
        TestDevice.device();
        home = Files.createDirectory(directory.resolve("jvm"));
        jvm = new ChildJvm(home);
    }

    @Test
    void aSearchWithoutTimeReportsTheShippedParametersAndKeepsNothing() throws IOException {
        Result result = jvm.run(Lenet5Gpu.class, "tune", "--json", "--seconds", "0.001");
        assertEquals(0, result.exitCode(), result::toString);
        List<JsonNode> events =
                result.out().lines().map(new JsonMapper()::readTree).toList();
        assertEquals(
                List.of("attempt", "tuned"),
                events.stream().map(event -> event.get("event").asString()).toList());
        JsonNode attempt = events.get(0);
        assertTrue(attempt.get("step_seconds").asDouble() > 0, result::toString);
        assertTrue(attempt.get("best").asBoolean() && attempt.get("refusal").isNull(), result::toString);
        JsonNode tuned = events.get(1);
        assertEquals(attempt.get("step_seconds"), tuned.get("shipped_step_seconds"));
        assertEquals(tuned.get("shipped_step_seconds"), tuned.get("step_seconds"));
        assertEquals(1, tuned.get("tried").asInt());
        assertEquals(0, tuned.get("refused").asInt());
        assertFalse(tuned.get("complete").asBoolean());
        assertEquals(0, tuned.get("changes").size());
        assertTrue(tuned.get("file").isNull());
        assertFalse(Files.exists(tuning()));
    }

    @Test
    void anInterruptedSearchKeepsNothing() {
        jvm.startedBy("env", "--default-signal=INT"); // a shell that starts the tests in the background ignores it
        Running search = jvm.start(Lenet5Gpu.class, "tune", "--seconds", "600");
        search.awaitLines(1, "<- best");
        search.signal("INT");
        Result result = search.await();
        assertEquals(130, result.exitCode(), result::toString);
        assertFalse(Files.exists(tuning()));
    }

    @Test
    void trainingUsesWhatWasKeptAndSaysSo() throws IOException {
        String kept = jvm.run(TunedDevice.Keep.class).out().strip();
        Result tuned = train();
        assertEquals(0, tuned.exitCode(), tuned::toString);
        assertTrue(tuned.err().contains(", engine fused, tuned (" + kept + ")"), tuned::toString);

        try (Stream<Path> files = Files.list(tuning())) {
            Files.writeString(files.findFirst().orElseThrow(), "{");
        }
        Result untuned = train();
        assertEquals(0, untuned.exitCode(), untuned::toString);
        assertEquals(
                1,
                untuned.err()
                        .lines()
                        .filter(line -> line.endsWith("it is damaged; './lenet5 tune' finds new ones"))
                        .count(),
                untuned::toString);
        assertTrue(
                untuned.err().lines().anyMatch(line -> line.contains(", engine fused, variant ")), untuned::toString);
    }

    @ParameterizedTest
    @CsvSource({
        "--device, cpu, nothing to tune",
        "--batch-size, 0, batch size 0",
        "--seconds, 0, --seconds 0.0",
        "--seconds, NaN, --seconds NaN"
    })
    void wrongOptionsAreRefused(String option, String value, String reason) {
        Result result = jvm.run(Lenet5Gpu.class, "tune", option, value);
        assertEquals(2, result.exitCode(), result::toString);
        assertTrue(result.err().contains(reason), result::toString);
    }

    @Test
    void withoutOpenClThereIsNoDevice() throws IOException {
        BrokenOpenCl.NO_PLATFORM.befall(jvm, Files.createDirectory(directory.resolve("broken")));
        Result result = jvm.run(Lenet5Gpu.class, "tune");
        assertEquals(3, result.exitCode(), result::toString);
        assertTrue(result.err().contains("no OpenCL platform"), result::toString);
        assertEquals("", result.out(), result::toString);
    }

    private Path tuning() {
        return home.resolve("cache/tuning");
    }

    private Result train() throws IOException {
        String data = TinyMnist.write(directory.resolve("data")).toString();
        return jvm.run(
                Lenet5Gpu.class,
                "train",
                "--data",
                data,
                "--epochs",
                "1",
                "--device",
                TestDevice.device().facts().name());
    }
}
