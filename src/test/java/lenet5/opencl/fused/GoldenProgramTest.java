package lenet5.opencl.fused;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import lenet5.nn.Layer;
import lenet5.nn.Models;
import lenet5.nn.Network;
import lenet5.nn.Shape;
import lenet5.opencl.Device;
import org.apache.commons.io.IOUtils;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What drivers are given to compile, as files to be read and compared: a change of the code that writes programs shows here.
 * {@code -Dgolden=write} writes them anew.
 */
class GoldenProgramTest {

    private static final Path DIRECTORY = Path.of("src/test/resources/programs");

    /** Begins with pooling, and has tanh in all places. */
    private static final Network POOLED = new Network(
            "pooled",
            Shape.of(1, 20, 16),
            List.of(
                    new Layer.AveragePool2x2(),
                    new Layer.Tanh(),
                    new Layer.Conv5x5(4),
                    new Layer.Tanh(),
                    new Layer.Tanh(),
                    new Layer.AveragePool2x2(),
                    new Layer.Flatten(),
                    new Layer.Dense(7),
                    new Layer.Tanh(),
                    new Layer.Tanh(),
                    new Layer.Dense(3),
                    new Layer.Tanh()));

    /** Three convolutions, of which the second has no pooling behind it and the last no gradient but by its weights. */
    private static final Network DEEP = new Network(
            "deep",
            Shape.of(1, 24, 28),
            List.of(
                    new Layer.Conv5x5(3),
                    new Layer.Tanh(),
                    new Layer.AveragePool2x2(),
                    new Layer.Conv5x5(4),
                    new Layer.Conv5x5(2),
                    new Layer.Flatten(),
                    new Layer.Dense(5)));

    private static final Device.Facts SMALL = TestEngines.facts(Device.Type.GPU, 16 << 10, 64, 8);
    private static final Device.Facts CPU = new Device.Facts(
            "Portable Computing Language", "", "", "", Device.Type.CPU, "", "", 2, 1, 1L << 34, 1 << 20, 4096, 128, 0);

    /** A variant of a device for batches of a size. */
    record Case(Network network, String name, Device.Facts device, Variant variant, int batch) {

        String file() {
            return network.name() + "-" + name + ".cl";
        }

        @Override
        public String toString() {
            return file();
        }
    }

    static Stream<Case> cases() {
        return Stream.of(Models.lenet5(), POOLED, DEEP)
                .flatMap(network -> Stream.of(
                        new Case(network, "images", TestEngines.H100, Variant.images, 32),
                        new Case(network, "images-small", SMALL, Variant.images, 32),
                        new Case(network, "shares", TestEngines.H100, Variant.shares, 32),
                        new Case(network, "tiles", TestEngines.H100, Variant.tiles, 1024),
                        new Case(network, "persistent", TestEngines.H100, Variant.persistent, 128),
                        new Case(network, "lanes", CPU, Variant.lanes, 32),
                        new Case(network, "persistent-cpu", CPU, Variant.persistent, 32)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void programsAreAsTheyWere(Case program) throws IOException {
        String text = Candidate.shipped(program.variant, program.device, program.batch)
                .program(program.device, program.network, program.batch)
                .orElseThrow();
        if ("write".equals(System.getProperty("golden"))) {
            Files.createDirectories(DIRECTORY);
            Files.writeString(DIRECTORY.resolve(program.file()), text);
        } else {
            assertEquals(IOUtils.resourceToString("/programs/" + program.file(), StandardCharsets.UTF_8), text);
        }
    }
}
