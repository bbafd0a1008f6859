package lenet5.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import lenet5.ChildJvm;
import lenet5.ChildJvm.Result;
import lenet5.ChildJvm.Running;
import lenet5.Lenet5Gpu;
import lenet5.data.TinyMnist;
import lenet5.engine.Metrics;
import lenet5.opencl.TestDevice;
import lenet5.train.CheckpointDirectory;
import lenet5.train.TrainingState;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs that end before their time, in ways that only a JVM of its own survives the test of. */
@EnabledOnOs(OS.LINUX)
class ResumeTest {

    private static final int EPOCHS = 60;
    private static final String CHECKPOINT = "{\"event\":\"checkpoint\"";

    @TempDir
    private Path directory;

    private ChildJvm jvm;
    private String data;
    private Path checkpoints;
    private Path model;

    @BeforeEach
    void describe() throws IOException {
        jvm = new ChildJvm(Files.createDirectory(directory.resolve("jvm")));
        data = TinyMnist.write(directory.resolve("data")).toString();
        checkpoints = directory.resolve("checkpoints");
        model = directory.resolve("model.safetensors");
    }

    @ParameterizedTest
    @CsvSource({"cpu, simd", "opencl, layered", "opencl, fused"})
    void killedAtRandomMomentsARunEndsAsIfItHadNotBeen(String device, String engine) throws IOException {
        if (device.equals("opencl")) {
            TestDevice.device();
        }
        Path undisturbed = directory.resolve("undisturbed");
        succeed(train(device, "--engine", engine, "--checkpoint", undisturbed));
        byte[] expected = Files.readAllBytes(model);
        Files.delete(model);
        Random random = new Random(20);
        for (int kill = 0; kill < 5; kill++) {
            Running running = train(device, "--engine", engine, kill == 0 ? "--checkpoint" : "--resume", checkpoints);
            running.awaitLines(random.nextInt(1, 8), CHECKPOINT);
            ChildJvm.pause(random.nextInt(100));
            running.signal("KILL");
            Result killed = running.await();
            assertEquals(137, killed.exitCode(), killed::toString);
        }
        Result resumed = succeed(train(device, "--engine", engine, "--resume", checkpoints));
        assertTrue(resumed.err().contains("resuming after epoch "), resumed::toString);

        assertArrayEquals(expected, Files.readAllBytes(model), resumed::toString);
        assertSameBits(newest(undisturbed), newest(checkpoints));
        try (Stream<Path> kept = Files.list(checkpoints)) {
            assertEquals(
                    List.of("epoch-000059.safetensors", "epoch-000060.safetensors"),
                    kept.map(file -> file.getFileName().toString()).sorted().toList());
        }
    }

    /** Between checkpoints, so that the interruption has something to write. */
    @ParameterizedTest
    @CsvSource({"cpu, INT, 130", "cpu, TERM, 143", "opencl, INT, 130"})
    void anInterruptedRunKeepsItsLastWholeEpoch(String device, String signal, int code) throws IOException {
        if (device.equals("opencl")) {
            TestDevice.device();
        }
        jvm.startedBy("env", "--default-signal=INT"); // a shell that starts the tests in the background ignores it
        Running running = train(device, "--checkpoint", checkpoints, "--every", "1000");
        running.awaitLines(3, "{\"event\":\"epoch\"");
        running.signal(signal);
        Result interrupted = running.await();

        assertEquals(code, interrupted.exitCode(), interrupted::toString);
        assertEquals(
                "lenet5: interrupted; to go on: ./lenet5 train --resume " + checkpoints,
                lastLine(interrupted.err()),
                interrupted::toString);
        assertFalse(interrupted.err().contains("\tat "), interrupted::toString);
        List<String> epochs = interrupted
                .out()
                .lines()
                .filter(line -> line.contains("\"event\":\"epoch\""))
                .toList();
        int kept = newest(checkpoints).epoch();
        assertTrue(kept >= 3 && kept < EPOCHS, kept + " kept: " + interrupted);
        assertEquals(epochs.size(), kept, interrupted::toString);
        assertTrue(interrupted.out().contains(CHECKPOINT + ",\"epoch\":" + kept), interrupted::toString);
        try (Stream<Path> files = Files.list(checkpoints)) {
            assertEquals(1, files.count());
        }
        assertFalse(Files.exists(model));
    }

    @Test
    void anInterruptedRunWithoutCheckpointsSaysThatNothingIsLeft() {
        jvm.startedBy("env", "--default-signal=INT");
        Running running = train("cpu");
        running.awaitLines(1, "{\"event\":\"epoch\"");
        running.signal("INT");
        Result interrupted = running.await();
        assertEquals(130, interrupted.exitCode(), interrupted::toString);
        assertEquals("lenet5: interrupted; nothing was written", lastLine(interrupted.err()), interrupted::toString);
    }

    /** A limit on the size of files fails in the middle of a write, as a full disk does, and needs no file system of its own. */
    @Test
    void aDiskThatIsFullLeavesTheOldFiles() throws IOException {
        succeed(train("cpu", "--checkpoint", checkpoints, "--epochs", "2"));
        byte[] old = Files.readAllBytes(model);
        jvm.startedBy("sh", "-c", "ulimit -f 600 && exec \"$@\"", "sh"); // blocks of 512 bytes: less than a checkpoint
        Result result = train("cpu", "--resume", checkpoints, "--epochs", "9").await();

        assertEquals(1, result.exitCode(), result::toString);
        String file = checkpoints.resolve("epoch-000003.safetensors").toString();
        assertTrue(lastLine(result.err()).startsWith("lenet5: " + file + " cannot be written: "), result::toString);
        assertFalse(result.err().contains("\tat "), result::toString);
        try (Stream<Path> kept = Files.list(checkpoints)) {
            assertEquals(2, kept.count());
        }
        assertEquals(2, newest(checkpoints).epoch());
        assertArrayEquals(old, Files.readAllBytes(model));

        jvm.startedBy("sh", "-c", "ulimit -f 300 && exec \"$@\"", "sh"); // less than a model
        Result unwritten = train("cpu", "--seed", "2", "--epochs", "1").await();
        assertEquals(1, unwritten.exitCode(), unwritten::toString);
        assertTrue(lastLine(unwritten.err()).startsWith("lenet5: " + model + " cannot be written: "));
        assertArrayEquals(old, Files.readAllBytes(model));
    }

    private static String lastLine(String text) {
        return text.lines().reduce("", (first, second) -> second);
    }

    private static void assertSameBits(TrainingState expected, TrainingState actual) {
        assertArrayEquals(expected.parameters().values(), actual.parameters().values());
        assertArrayEquals(expected.best().values(), actual.best().values());
        assertEquals(metrics(expected), metrics(actual));
    }

    private static List<Metrics> metrics(TrainingState state) {
        return state.history().stream()
                .flatMap(record -> Stream.of(record.training(), record.validation()))
                .toList();
    }

    private static TrainingState newest(Path checkpoints) {
        return new CheckpointDirectory(checkpoints)
                .newest(line -> {})
                .checkpoint()
                .state();
    }

    private Running train(String device, Object... more) {
        List<String> command = new ArrayList<>(List.of("train", "--json", "--data", data, "--device", device));
        command.addAll(List.of("--batch-size", "5", "--out", model.toString()));
        Stream.of(more).map(Object::toString).forEach(command::add);
        if (!command.contains("--epochs")) {
            command.addAll(List.of("--epochs", Integer.toString(EPOCHS)));
        }
        return jvm.start(Lenet5Gpu.class, command.toArray(String[]::new));
    }

    private static Result succeed(Running running) {
        Result result = running.await();
        assertEquals(0, result.exitCode(), result::toString);
        return result;
    }
}
