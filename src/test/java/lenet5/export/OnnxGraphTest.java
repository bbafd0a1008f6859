package lenet5.export;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** ONNX Runtime reads exported models as the reference does. */
class OnnxGraphTest {

    private static final double TOLERANCE = 1e-5;

    @TempDir
    private Path directory;

    static List<SampleModel> models() {
        return SampleModel.all();
    }

    @ParameterizedTest
    @MethodSource("models")
    void onnxRuntimeGivesTheSameProbabilities(SampleModel sample) throws Exception {
        Path file = directory.resolve("model.onnx");
        ExportFormat.onnx.write(file, sample.model());
        try (OrtSession session =
                OrtEnvironment.getEnvironment().createSession(file.toString(), new OrtSession.SessionOptions())) {
            assertDescribed(sample, session);
            int count = sample.images().count();
            assertSame(sample, 0, run(session, sample, 0, count));
            for (int image = 0; image < count; image += 25) {
                assertSame(sample, image, run(session, sample, image, 1));
            }
        }
    }

    private static void assertDescribed(SampleModel sample, OrtSession session) throws OrtException {
        assertEquals(List.of("image"), List.copyOf(session.getInputNames()));
        assertEquals(List.of("probabilities"), List.copyOf(session.getOutputNames()));
        TensorInfo image = (TensorInfo) session.getInputInfo().get("image").getInfo();
        long[] shape = {-1, 1, sample.images().height(), sample.images().width()};
        assertArrayEquals(shape, image.getShape(), () -> Arrays.toString(image.getShape()));
        String normalization = session.getMetadata().getCustomMetadata().get("normalization");
        assertTrue(
                normalization.contains(
                        "/ 255, - " + sample.model().normalization().mean()),
                normalization);
    }

    private static float[][] run(OrtSession session, SampleModel sample, int from, int count) throws OrtException {
        int size = sample.images().height() * sample.images().width();
        float[] pixels = Arrays.copyOfRange(sample.pixels(), from * size, (from + count) * size);
        long[] shape = {count, 1, sample.images().height(), sample.images().width()};
        try (OnnxTensor image =
                        OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), FloatBuffer.wrap(pixels), shape);
                OrtSession.Result result = session.run(Map.of("image", image))) {
            return (float[][]) result.get(0).getValue();
        }
    }

    private static void assertSame(SampleModel sample, int from, float[][] probabilities) {
        for (int i = 0; i < probabilities.length; i++) {
            double[] expected = sample.probabilities()[from + i];
            float[] given = probabilities[i];
            double[] found =
                    IntStream.range(0, given.length).mapToDouble(k -> given[k]).toArray();
            assertArrayEquals(expected, found, TOLERANCE, sample + ", image " + (from + i));
            assertEquals(SampleModel.best(expected), SampleModel.best(found), sample + ", image " + (from + i));
        }
    }
}
