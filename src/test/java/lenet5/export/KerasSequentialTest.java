package lenet5.export;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** What Keras 3 would read of an archive is the model. */
class KerasSequentialTest {

    /** The reference sums in double and rounds each layer to float; this bounds those roundings. */
    private static final double TOLERANCE = 1e-5;

    @TempDir
    private Path directory;

    static List<SampleModel> models() {
        return SampleModel.all();
    }

    @ParameterizedTest
    @MethodSource("models")
    void theArchivesLayersGiveTheSameProbabilities(SampleModel sample) throws Exception {
        try (KerasArchive archive = export(sample)) {
            for (int image = 0; image < sample.images().count(); image += 10) {
                double[] expected = sample.probabilities()[image];
                double[] found = archive.predict(image(sample, image));
                assertArrayEquals(expected, found, TOLERANCE, "image " + image);
                assertEquals(SampleModel.best(expected), SampleModel.best(found), "image " + image);
            }
        }
    }

    @Test
    void theLayoutIsKeras3s() throws Exception {
        SampleModel sample = SampleModel.digits();
        try (KerasArchive archive = export(sample)) {
            assertTrue(archive.metadata.get("keras_version").asString().startsWith("3."));
            assertTrue(
                    archive.metadata.get("date_saved").asString().matches("\\d{4}-\\d\\d-\\d\\d@\\d\\d:\\d\\d:\\d\\d"));
            assertSerialized(archive.config, "keras", "Sequential");
            JsonNode input = archive.config.at("/config/layers/0");
            assertSerialized(input, "keras.layers", "InputLayer");
            assertEquals("[null,28,28,1]", input.at("/config/batch_shape").toString());
            assertEquals(
                    List.of(
                            "zero_padding2d",
                            "rescaling",
                            "conv2d",
                            "activation",
                            "average_pooling2d",
                            "conv2d_1",
                            "activation_1",
                            "average_pooling2d_1",
                            "flatten",
                            "dense",
                            "activation_2",
                            "dense_1",
                            "activation_3",
                            "dense_2",
                            "activation_4"),
                    List.copyOf(archive.layers().keySet()));
            assertEquals(archive.layers().keySet(), Set.copyOf(archive.groups()));
            assertTrue(archive.hasRootVariables());
            archive.layers().forEach((group, layer) -> {
                assertSerialized(layer, "keras.layers", layer.get("class_name").asString());
                assertEquals(group, layer.at("/config/name").asString());
                boolean learns = group.startsWith("conv2d") || group.startsWith("dense");
                assertEquals(learns ? 2 : 0, archive.variables(group), group);
            });
            float[][][][] kernel = (float[][][][]) archive.variable("conv2d_1", 0);
            assertEquals(5, kernel.length);
            assertEquals(5, kernel[0].length);
            assertEquals(6, kernel[0][0].length);
            assertEquals(16, kernel[0][0][0].length);
        }
    }

    private static void assertSerialized(JsonNode object, String module, String className) {
        assertEquals(module, object.get("module").asString());
        assertEquals(className, object.get("class_name").asString());
        assertTrue(object.get("registered_name").isNull());
        assertFalse(object.at("/config/name").asString().isEmpty());
    }

    private KerasArchive export(SampleModel sample) throws Exception {
        Path file = directory.resolve("model.keras");
        ExportFormat.keras.write(file, sample.model());
        return new KerasArchive(file, directory);
    }

    private static double[][][] image(SampleModel sample, int index) {
        int width = sample.images().width();
        double[][][] image = new double[sample.images().height()][width][1];
        int first = index * image.length * width;
        for (int y = 0; y < image.length; y++) {
            for (int x = 0; x < width; x++) {
                image[y][x][0] = Byte.toUnsignedInt(sample.images().pixels()[first + y * width + x]);
            }
        }
        return image;
    }
}
