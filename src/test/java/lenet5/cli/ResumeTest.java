package lenet5.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    @BeforeEach
    void describe() throws IOException {
        jvm = new ChildJvm(Files.createDirectory(directory.resolve("jvm")));
        data = TinyMnist.write(directory.resolve("data")).toString();
        checkpoints = directory.resolve("checkpoints");
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "opencl"})
    void killedAtRandomMomentsARunEndsAsIfItHadNotBeen(String device) throws IOException {
        if (device.equals("opencl")) {
            TestDevice.device();
        }
        Path undisturbed = directory.resolve("undisturbed");
        succeed(train(device, "--checkpoint", undisturbed));
        Random random = new Random(20);
        for (int kill = 0; kill < 5; kill++) {
            Running running = train(device, kill == 0 ? "--checkpoint" : "--resume", checkpoints);
            running.awaitLines(random.nextInt(1, 8), CHECKPOINT);
            ChildJvm.pause(random.nextInt(100));
            running.signal("KILL");
            Result killed = running.await();
            assertEquals(137, killed.exitCode(), killed::toString);
        }
        Result resumed = succeed(train(device, "--resume", checkpoints));
        assertTrue(resumed.err().contains("resuming after epoch "), resumed::toString);

        assertArrayEquals(
                Files.readAllBytes(model(undisturbed)), Files.readAllBytes(model(checkpoints)), resumed::toString);
        assertSameBits(newest(undisturbed), newest(checkpoints));
        try (Stream<Path> kept = Files.list(checkpoints)) {
            assertEquals(
                    List.of("epoch-000059.safetensors", "epoch-000060.safetensors"),
                    kept.map(file -> file.getFileName().toString()).sorted().toList());
        }
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

    private Running train(String device, String option, Path checkpoints) {
        return jvm.start(
                Lenet5Gpu.class,
                "train",
                "--json",
                "--data",
                data,
                "--device",
                device,
                "--epochs",
                Integer.toString(EPOCHS),
                "--batch-size",
                "5",
                "--out",
                model(checkpoints).toString(),
                option,
                checkpoints.toString());
    }

    private static Path model(Path checkpoints) {
        return checkpoints.resolveSibling(checkpoints.getFileName() + ".safetensors");
    }

    private static Result succeed(Running running) {
        Result result = running.await();
        assertEquals(0, result.exitCode(), result::toString);
        return result;
    }
}
