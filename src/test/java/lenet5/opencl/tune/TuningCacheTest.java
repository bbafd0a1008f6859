package lenet5.opencl.tune;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import lenet5.nn.Layer;
import lenet5.nn.Models;
import lenet5.nn.Network;
import lenet5.nn.Shape;
import lenet5.opencl.Device;
import lenet5.opencl.fused.Candidate;
import lenet5.opencl.fused.TestEngines;
import lenet5.opencl.fused.Variant;
import lenet5.opencl.fused.plan.LayerKnobs;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What tuning found, on disk. */
class TuningCacheTest {

    private static final Device.Facts DEVICE = TestEngines.facts(Device.Type.GPU, 48 << 10, 256, 1);
    private static final Network NETWORK = Models.lenet5();

    @TempDir
    private Path directory;

    private final List<String> messages = new ArrayList<>();
    private TuningCache cache;
    private Candidate candidate;

    @BeforeEach
    void describe() {
        cache = new TuningCache(directory.resolve("tuning"));
        candidate = Candidate.shipped(Variant.images, DEVICE, 32)
                .with(LayerKnobs.GROUP, 128, DEVICE, 32)
                .orElseThrow();
    }

    private Optional<Candidate> find(Device.Facts device, Network network, int batchSize) {
        return cache.find(device, network, batchSize, messages::add);
    }

    @Test
    void whatIsKeptIsFoundForTheSameDeviceNetworkAndClassOfBatchSizes() throws IOException {
        assertEquals(Optional.empty(), find(DEVICE, NETWORK, 32));
        cache.keep(candidate, DEVICE, NETWORK, 40);
        for (int batchSize : new int[] {32, 40, 63}) {
            Candidate found = find(DEVICE, NETWORK, batchSize).orElseThrow();
            assertEquals(candidate.variant(), found.variant());
            assertEquals(candidate.knobs(), found.knobs());
            assertTrue(found.tuned());
        }
        assertEquals(Optional.empty(), find(DEVICE, NETWORK, 31));
        assertEquals(Optional.empty(), find(DEVICE, NETWORK, 64));
        assertEquals(Optional.empty(), find(TestEngines.facts(Device.Type.GPU, 48 << 10, 256, 2), NETWORK, 32));
        Network other = new Network("other", Shape.of(1, 6, 6), List.of(new Layer.Flatten(), new Layer.Dense(3)));
        assertEquals(Optional.empty(), find(DEVICE, other, 32));
        assertEquals(List.of(), messages);

        cache.keep(Candidate.shipped(Variant.shares, DEVICE, 32), DEVICE, NETWORK, 32);
        assertEquals(Variant.shares, find(DEVICE, NETWORK, 32).orElseThrow().variant());
        cache.forget(DEVICE, NETWORK, 33);
        assertEquals(Optional.empty(), find(DEVICE, NETWORK, 32));
        try (Stream<Path> left = Files.list(directory.resolve("tuning"))) {
            assertEquals(0, left.count());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    (?s)^.*$                  |                          | it is damaged
                    (?s)^.*$                  | null                     | it is not of this device, network and batch size
                    (?s)...$                  |                          | it is damaged
                    "group" : 128             | "group" : "128"          | it is damaged
                    "group" : 128             | "group" : 128.5          | it is damaged
                    "group" : 128             | "group" : null           | it has no knob group
                    "group" : 128             | "groups" : 128           | it has no knob group
                    "group" : 128             | "group" : 128, "rows": 1 | variant images has no knobs [rows]
                    "group" : 128             | "group" : 512            | group is 512, expected at most 256, the device's largest work-group
                    "group" : 128             | "group" : 0              | group is 0, expected at least 1
                    "group" : 128             | "group" : 64             | it is of other kernels
                    "variant" : "images"      | "variant" : "auto"       | there is no variant auto
                    "variant" : "images"      | "variant" : "faster"     | there is no variant faster
                    "network" : "lenet5"      | "network" : "lenet4"     | it is not of this device, network and batch size
                    "batch_sizes" : 32        | "batch_sizes" : 64       | it is not of this device, network and batch size
                    "kernels" : "..           | "kernels" : "            | it is of other kernels
                    \\{                       | {"extra":1,              | it is damaged
                    """)
    void aFileThatCannotBeUsedIsIgnoredWithOneLine(String right, String wrong, String reason) throws IOException {
        Path file = cache.keep(candidate, DEVICE, NETWORK, 32);
        String content = Files.readString(file);
        String changed = content.replaceFirst(right, wrong == null ? "" : wrong);
        assertTrue(!changed.equals(content), content);
        Files.writeString(file, changed);
        assertEquals(Optional.empty(), find(DEVICE, NETWORK, 32));
        assertEquals(
                List.of("tuned knobs in " + file + " are ignored: " + reason + "; './lenet5 tune' finds new ones"),
                messages);
    }

    @Test
    void aFileThatCannotBeReadIsIgnoredWithOneLine() throws IOException {
        Path file = cache.keep(candidate, DEVICE, NETWORK, 32);
        Files.delete(file);
        Files.createDirectory(file);
        assertEquals(Optional.empty(), find(DEVICE, NETWORK, 32));
        assertEquals(1, messages.size());
        assertTrue(messages.get(0).contains("it cannot be read"), messages::toString);
    }
}
