package lenet5.opencl.fused;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import lenet5.ChildJvm;
import lenet5.engine.Settings;
import lenet5.nn.Layer;
import lenet5.nn.Models;
import lenet5.nn.Network;
import lenet5.nn.Shape;
import lenet5.opencl.BrokenKernel;
import lenet5.opencl.Device;
import lenet5.opencl.LocalMemoryProbe;
import lenet5.opencl.OpenClException;
import lenet5.opencl.TestDevice;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which variant runs, and what takes its place where it does not. */
class FusedEnginesTest {

    private static final Network NETWORK = Models.lenet5();

    /** Slots of 100 KiB before pooling, which do not fit into 48 KiB of local memory. */
    private static final Network WIDE = new Network(
            "wide",
            Shape.of(1, 44, 44),
            List.of(
                    new Layer.Conv5x5(16),
                    new Layer.Tanh(),
                    new Layer.AveragePool2x2(),
                    new Layer.Flatten(),
                    new Layer.Dense(3)));

    private final List<String> messages = new ArrayList<>();

    /** As an H100 was measured, see native-notes.md. */
    @ParameterizedTest
    @CsvSource({
        "1, shares images persistent tiles",
        "32, shares images persistent tiles",
        "66, shares images persistent tiles",
        "67, persistent images shares tiles",
        "128, persistent images shares tiles",
        "256, images persistent tiles shares",
        "1024, tiles images persistent shares",
        "4096, tiles images persistent shares"
    })
    void theFastestIsTriedFirst(int batch, String fastestFirst) {
        assertEquals(
                Stream.of(fastestFirst.split(" ")).map(Variant::valueOf).toList(),
                Variant.auto.ladder(TestDevice.h100().facts(), batch));
    }

    @Test
    void otherDevicesHaveLaddersOfWhatTheyCouldRun() {
        Device.Facts gpu = TestEngines.facts(Device.Type.GPU, 64 << 10, 256, 20);
        assertEquals(List.of(Variant.images, Variant.tiles, Variant.shares), Variant.auto.ladder(gpu, 32));
        assertEquals(List.of(Variant.tiles, Variant.images, Variant.shares), Variant.auto.ladder(gpu, 64));
        Device.Facts cpu = TestEngines.facts(Device.Type.CPU, 64 << 10, 4096, 2);
        assertEquals(List.of(Variant.lanes), Variant.auto.ladder(cpu, 32));
        assertEquals(List.of(Variant.shares), Variant.shares.ladder(cpu, 32));
    }

    /** The first so many of them are refused, one way or another. */
    @ParameterizedTest
    @ValueSource(ints = {1, 32, 128, 256, 1024, 4096})
    void whatIsRefusedMakesRoomForTheNext(int batch) {
        Device h100 = TestDevice.h100();
        List<Candidate> rungs = Candidate.rungs(Variant.auto, h100.facts(), batch, Optional.empty());
        for (int refused = 0; refused < rungs.size(); refused++) {
            messages.clear();
            List<Candidate> broken = rungs.subList(0, refused);
            Candidate taken = FusedEngines.first(rungs, candidate -> refuse(candidate, broken), h100, messages::add);
            assertEquals(rungs.get(refused), taken);
            assertEquals(refused, messages.size());
            for (int k = 0; k < refused; k++) {
                assertEquals(
                        "variant " + rungs.get(k).variant() + " does not work on " + h100 + ": it is broken; trying "
                                + rungs.get(k + 1).variant(),
                        messages.get(k));
            }
        }
        OpenClException none = assertThrows(
                OpenClException.class,
                () -> FusedEngines.first(rungs, candidate -> refuse(candidate, rungs), h100, messages::add));
        assertEquals(
                "variant " + rungs.get(rungs.size() - 1).variant() + " does not work on " + h100 + ": it is broken",
                none.getMessage());
    }

    private static Candidate refuse(Candidate candidate, List<Candidate> broken) {
        if (broken.contains(candidate)) {
            throw new OpenClException("it is broken\nand the log follows");
        }
        return candidate;
    }

    /** A variant may be refused for what this machine's driver lacks of NVIDIA's; all others have to work. */
    @ParameterizedTest
    @ValueSource(ints = {1, 32, 128, 256, 1024, 4096})
    void anH100GetsTheFirstThatWorks(int batch) {
        Device h100 = TestDevice.h100();
        List<Variant> ladder = Variant.auto.ladder(h100.facts(), batch);
        try (FusedEngine engine = open(h100, NETWORK, batch, Variant.auto, messages::add)) {
            boolean barrierIsNvidias = TestDevice.device().facts().isNvidia();
            Variant expected = ladder.stream()
                    .filter(variant -> variant != Variant.persistent || barrierIsNvidias)
                    .findFirst()
                    .orElseThrow();
            assertEquals(expected, engine.variant(), messages::toString);
            assertEquals(ladder.indexOf(expected), messages.size(), messages::toString);
        }
    }

    @Test
    void whatDoesNotFitMakesRoom() {
        Device masked = TestDevice.maskedGpu();
        try (FusedEngine engine = open(masked, NETWORK, 256, Variant.auto, messages::add)) {
            assertEquals(Variant.images, engine.variant());
        }
        assertEquals(
                List.of("variant tiles does not work on " + masked
                        + ": variant tiles takes convolutions of few maps before"
                        + " dense layers, and about 48 KiB of local memory; that is not network lenet5 on " + masked
                        + "; trying images"),
                messages);
    }

    @ParameterizedTest
    @CsvSource({
        "tiles, takes convolutions of few maps before dense layers",
        "shares, takes a convolution of several maps before the dense layers",
        "persistent, is for PoCL's CPUs and NVIDIA's GPUs"
    })
    void aNamedVariantIsNeverReplaced(Variant variant, String reason) {
        Device unknown = TestDevice.with(TestEngines.facts(Device.Type.GPU, 16 << 10, 64, 1));
        String message = assertThrows(
                        OpenClException.class, () -> open(unknown, NETWORK, 256, variant, Assertions::fail))
                .getMessage();
        assertTrue(message.contains("variant " + variant + " " + reason), message);
    }

    @Test
    void aDriverThatIsNotKnownHasLaunchesForEachStep() {
        Device device = TestDevice.onPlatform("Unheard of");
        try (FusedEngine engine = open(device, NETWORK, 32, Variant.auto, Assertions::fail)) {
            assertTrue(engine.footprint().launches() > 0);
        }
    }

    /** A kernel that does not compile, and one that computes nonsense. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            fused/shares/shares | __local float local_values[STEP_LOCAL]; | none; | cannot build
            fused/shares/shares | STEP_BACKWARD | if (n > 0) { STEP_BACKWARD } | it computes wrong results
            """)
    void aKernelThatFailsMakesRoom(String file, String right, String wrong, String reason, @TempDir Path directory)
            throws IOException {
        ChildJvm.Result result = new ChildJvm(directory)
                .classPathFirst(BrokenKernel.write(directory, file, right, wrong))
                .run(OpenAsH100.class);
        assertEquals(0, result.exitCode(), result::toString);
        List<String> lines = result.out().lines().toList();
        assertEquals(2, lines.size(), result::toString);
        assertTrue(lines.get(0).startsWith("variant shares does not work on "), result::toString);
        assertTrue(lines.get(0).contains(reason), result::toString);
        assertTrue(lines.get(0).endsWith("; trying images"), result::toString);
        assertEquals("images", lines.get(1), result::toString);
    }

    /** Opens what an H100 gets for 32 images a step. */
    static final class OpenAsH100 {
        public static void main(String[] arguments) {
            try (FusedEngine engine = open(TestDevice.h100(), NETWORK, 32, Variant.auto, System.out::println)) {
                System.out.println(engine.variant());
            }
        }
    }

    /** Beyond what the driver says only where that is known, only if it works, and only for what does not fit otherwise. */
    @Test
    void localMemoryIsWhatTheProbeFinds(@TempDir Path directory) throws IOException {
        assertEquals(200 << 10, LocalMemoryProbe.facts(TestDevice.h100()).localMemoryBytes());
        assertEquals(16 << 10, LocalMemoryProbe.facts(TestDevice.maskedGpu()).localMemoryBytes());
        ChildJvm.Result broken = new ChildJvm(directory)
                .classPathFirst(
                        BrokenKernel.write(directory, "probes/local_memory_probe", "LOCAL - 1 - i", "LOCAL - 1"))
                .run(Probe.class);
        assertEquals("true", broken.out().strip(), broken::toString);
        broken = new ChildJvm(directory)
                .classPathFirst(BrokenKernel.write(directory, "probes/local_memory_probe", "first + other", "first"))
                .run(Probe.class);
        assertEquals("false", broken.out().strip(), broken::toString);
    }

    /** Whether the probe finds more local memory than the driver says. */
    static final class Probe {
        public static void main(String[] arguments) {
            Device h100 = TestDevice.h100();
            System.out.println(LocalMemoryProbe.facts(h100).localMemoryBytes()
                    > h100.facts().localMemoryBytes());
        }
    }

    @Test
    void aPlanTakesMoreLocalMemoryThanTheDriverSaysOnlyIfItHasTo() {
        try (FusedEngine engine = open(TestDevice.h100(), WIDE, 8, Variant.images, Assertions::fail)) {
            assertTrue(engine.footprint().localBytes() > 48 << 10, engine.footprint()::toString);
        }
        for (Variant variant : Arrays.asList(Variant.images, Variant.shares, Variant.tiles)) {
            try (FusedEngine engine = open(TestDevice.h100(), NETWORK, 8, variant, Assertions::fail)) {
                assertTrue(engine.footprint().localBytes() <= 48 << 10, engine.footprint()::toString);
            }
        }
    }

    private static FusedEngine open(
            Device device, Network network, int batch, Variant variant, Consumer<String> messages) {
        return FusedEngines.open(
                device, false, network, new Settings(batch, 0.1f), variant, Optional.empty(), messages);
    }
}
