package lenet5.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import lenet5.ChildJvm;
import lenet5.Lenet5Gpu;
import lenet5.data.TinyMnist;
import lenet5.engines.OpenAnyDevice;
import lenet5.opencl.BrokenKernel;
import lenet5.opencl.Device;
import lenet5.opencl.TestDevice;
import lenet5.opencl.fused.TestEngines;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Without a working OpenCL: one line and the CPU under {@code auto}, exit code 3 where a device was named. */
@EnabledOnOs(OS.LINUX)
class FallbackTest {

    @TempDir
    private Path directory;

    private ChildJvm jvm;

    @BeforeEach
    void describe() throws IOException {
        TestDevice.device(); // only what works can be broken
        jvm = new ChildJvm(Files.createDirectory(directory.resolve("jvm")));
    }

    @ParameterizedTest
    @EnumSource
    void autoSaysWhyAndTrainsOnTheCpu(BrokenOpenCl broken) throws IOException {
        befall(broken);
        ChildJvm.Result result = train("auto");
        assertEquals(0, result.exitCode(), result::toString);
        List<String> fallback = result.err()
                .lines()
                .filter(line -> line.contains("running on the CPU"))
                .toList();
        assertEquals(1, fallback.size(), result::toString);
        assertTrue(fallback.get(0).contains(broken.reason), result::toString);
        assertTrue(result.out().lines().allMatch(line -> line.startsWith("{\"event\":")), result::toString);
        assertTrue(result.out().contains("{\"event\":\"test\""), result::toString);
        assertFalse(result.err().contains("\tat "), result::toString);
    }

    @ParameterizedTest
    @EnumSource
    void aNamedDeviceIsNotAvailable(BrokenOpenCl broken) throws IOException {
        befall(broken);
        assertUnavailable(train("opencl"), broken.reason);
    }

    @Test
    void devicesSaysWhatIsWrongAndWhatToInstall() throws IOException {
        befall(BrokenOpenCl.NO_PLATFORM);
        ChildJvm.Result result = jvm.run(Lenet5Gpu.class, "devices");
        assertEquals(0, result.exitCode(), result::toString);
        List<String> lines = result.out().lines().toList();
        assertEquals(3, lines.size(), result::toString);
        assertTrue(lines.get(0).startsWith("no OpenCL platform"), result::toString);
        assertTrue(lines.get(1).contains("apt install"), result::toString);
        assertTrue(lines.get(2).startsWith("auto takes the CPU"), result::toString);
    }

    /** What the device's engine says of a kernel that does not compile, and of one that computes nonsense. */
    @ParameterizedTest
    @CsvSource({"a * p / 0.9f, it computes wrong results", "a * p / none, cannot build kernels/ops/tanh.cl"})
    void kernelsThatFailMakeTheDeviceUnavailable(String wrong, String reason) throws IOException {
        String device = TestDevice.device().facts().name();
        jvm.classPathFirst(BrokenKernel.write(directory, "common/tanh_rational", "a * p / q", wrong));

        ChildJvm.Result auto = jvm.run(OpenAnyDevice.class);
        assertEquals(0, auto.exitCode(), auto::toString);
        List<String> messages = auto.out().lines().toList();
        String last = messages.get(messages.size() - 2);
        assertTrue(last.startsWith(device), auto::toString);
        assertTrue(last.contains(reason), auto::toString);
        assertTrue(last.endsWith("; running on the CPU"), auto::toString);
        assertEquals("simd", messages.get(messages.size() - 1), auto::toString);
        messages.subList(0, messages.size() - 2).forEach(message -> {
            assertTrue(message.startsWith("variant "), auto::toString);
            assertTrue(message.contains("; trying "), auto::toString);
        });

        assertUnavailable(train(device), reason);
    }

    @Test
    void whereTheFusedEngineFailsTheLayeredOneRuns() throws IOException {
        String device = TestDevice.device().facts().name();
        String file =
                TestDevice.device().facts().type() == Device.Type.CPU ? "fused/lanes/lanes" : "fused/images/images";
        jvm.classPathFirst(BrokenKernel.write(directory, file, "void evaluate_images(", "void evaluate_images(none "));
        ChildJvm.Result result = train(device);
        assertEquals(0, result.exitCode(), result::toString);
        assertTrue(result.out().contains("\"engine\":\"layered\""), result::toString);
        assertEquals(
                1,
                result.err()
                        .lines()
                        .filter(line -> line.contains("cannot build") && line.endsWith("; trying the layered engine"))
                        .count(),
                result::toString);
    }

    /** A barrier that one group does not reach in the middle of an epoch. */
    @Test
    void whereOneLaunchAnEpochGivesUpEachStepHasItsOwn() throws IOException {
        TestEngines.requirePersistent();
        String[] arguments = {"--variant", "persistent", "--batch-size", "1"};
        ChildJvm.Result expected = train("opencl", arguments);
        jvm.classPathFirst(BrokenKernel.write(
                directory,
                "fused/persistent/epoch",
                "atomic_inc(grid + ARRIVALS);",
                "if (arrivals < 37 * get_num_groups(0) + (get_group_id(0) > 0 ? arrivals : 0))"
                        + " atomic_inc(grid + ARRIVALS);"));
        ChildJvm.Result actual = train("opencl", arguments);
        assertEquals(0, actual.exitCode(), actual::toString);
        assertEquals(
                1,
                lines(actual, "one launch an epoch failed: its work-groups did not come together"),
                actual::toString);
        assertEquals(withoutTimesAndVariant(expected), withoutTimesAndVariant(actual));
    }

    /** What is said of parameters without an owner, and of code that does not compile. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    int item = get_global_id(0); | int item = get_global_id(0) + 1; | it does not end in the same parameters
                    bool all = true; | bool all = none; | cannot build
                    """)
    void oneLaunchAnEpochThatFailsItsTrialMakesRoomUnlessItIsNamed(String right, String wrong, String problem)
            throws IOException {
        TestEngines.requirePersistent();
        // one for which it comes first: two blocks of a CPU's, or an image a unit of a GPU
        Device.Facts facts = TestDevice.device().facts();
        String[] batch = {"--batch-size", "" + (facts.type() == Device.Type.CPU ? 17 : facts.computeUnits())};
        ChildJvm.Result expected = train("opencl", batch);
        jvm.classPathFirst(BrokenKernel.write(directory, "fused/persistent/epoch", right, wrong));
        ChildJvm.Result auto = train("opencl", batch);
        assertEquals(0, auto.exitCode(), auto::toString);
        assertEquals(
                1, lines(auto, "variant persistent does not work on .*" + problem + ".*; trying .*"), auto::toString);
        assertEquals(withoutTimesAndVariant(expected), withoutTimesAndVariant(auto));
        assertUnavailable(train("opencl", "--variant", "persistent", batch[0], batch[1]), problem);
    }

    private static long lines(ChildJvm.Result result, String pattern) {
        return result.err().lines().filter(line -> line.matches(pattern + ".*")).count();
    }

    private static String withoutTimesAndVariant(ChildJvm.Result result) {
        return result.out().replaceAll("\"(\\w*seconds|images_per_second|variant)\":[^,}]+", "");
    }

    private void befall(BrokenOpenCl broken) throws IOException {
        if (broken == BrokenOpenCl.PLATFORM_WITHOUT_DEVICE && !Files.exists(BrokenOpenCl.POCL)) {
            Assumptions.abort("skipped: no PoCL");
        }
        broken.befall(jvm, Files.createDirectory(directory.resolve("broken")));
    }

    private ChildJvm.Result train(String device, String... more) throws IOException {
        String data = TinyMnist.write(directory.resolve("data")).toString();
        List<String> arguments =
                new ArrayList<>(List.of("train", "--json", "--data", data, "--epochs", "1", "--device", device));
        arguments.addAll(List.of(more));
        return jvm.run(Lenet5Gpu.class, arguments.toArray(String[]::new));
    }

    private static void assertUnavailable(ChildJvm.Result result, String reason) {
        assertEquals(3, result.exitCode(), result::toString);
        List<String> messages =
                result.err().lines().filter(line -> line.startsWith("lenet5: ")).toList();
        assertEquals(1, messages.size(), result::toString);
        assertTrue(messages.get(0).contains(reason), result::toString);
        assertEquals("", result.out(), result::toString);
        assertFalse(result.err().contains("\tat "), result::toString);
    }
}
