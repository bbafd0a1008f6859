package lenet5.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import lenet5.ChildJvm;
import lenet5.cpu.CpuEngine;
import lenet5.data.LabeledImages;
import lenet5.data.Normalization;
import lenet5.nn.Layer;
import lenet5.nn.Network;
import lenet5.nn.Shape;
import lenet5.opencl.OpenClOps;
import lenet5.opencl.TestDevice;
import lenet5.opencl.fused.TestEngines;
import lenet5.opencl.fused.Variant;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An engine that is open for days stages data again and again: 10,000 times take no more memory than 1,000. */
@EnabledOnOs(OS.LINUX)
class StagingSoakTest {

    private static final int TIMES = 10_000;
    /** Until the driver's pools and the JVM's code are what they will be. */
    private static final int WARM_UP = 1_000;

    private static final long MOST_KIB = 6 << 10;

    @TempDir
    private Path directory;

    /** In a JVM whose heap is all there from the start, so that what grows is what the driver was not given back. */
    @ParameterizedTest
    @ValueSource(strings = {"simd", "layered", "fused"})
    void memoryStaysFlat(String engine) {
        if (!engine.equals("simd")) {
            TestDevice.device(); // skips where there is none
        }
        ChildJvm.Result result = new ChildJvm(directory)
                .option("-Xms48m")
                .option("-Xmx48m")
                .option("-XX:+AlwaysPreTouch")
                .run(Soak.class, engine);
        assertEquals(0, result.exitCode(), result::toString);
        long grown = Long.parseLong(result.out().strip());
        assertTrue(grown < MOST_KIB, () -> "grew by " + grown + " KiB\n" + result);
    }

    /** Prints by how many KiB the process has grown. */
    static final class Soak {

        private static final Network NETWORK = new Network(
                "dense",
                Shape.of(1, 6, 6),
                List.of(new Layer.Flatten(), new Layer.Dense(5), new Layer.Tanh(), new Layer.Dense(3)));

        private static final LabeledImages IMAGES = SelfTest.noise(NETWORK, 3);

        public static void main(String[] arguments) throws IOException {
            try (Engine engine = open(arguments[0], new Settings(2, 0.1f))) {
                stage(engine, WARM_UP);
                long before = residentKib();
                stage(engine, TIMES);
                System.out.println(residentKib() - before);
            }
        }

        private static Engine open(String engine, Settings settings) {
            return switch (engine) {
                case "simd" -> new CpuEngine(NETWORK, settings);
                case "layered" -> new LayeredEngine<>(engine, new OpenClOps(TestDevice.open()), NETWORK, settings);
                default -> TestEngines.open(NETWORK, settings, Variant.auto);
            };
        }

        private static void stage(Engine engine, int times) {
            for (int i = 0; i < times; i++) {
                try (StagedData data = engine.stage(IMAGES, new Normalization(0.5f))) {
                    if (i % 10 == 0) {
                        data.augment(1, i);
                        engine.trainEpoch(data, new int[] {0, 2, 1});
                    }
                }
            }
        }

        private static long residentKib() throws IOException {
            String resident = Files.readAllLines(Path.of("/proc/self/status")).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .findFirst()
                    .orElseThrow();
            return Long.parseLong(resident.replaceAll("\\D", ""));
        }
    }
}
