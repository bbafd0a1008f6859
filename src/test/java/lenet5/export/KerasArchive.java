package lenet5.export;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.jhdf.HdfFile;
import io.jhdf.api.Group;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads a Keras archive and computes what its layers say, in double, on channels-last images. */
final class KerasArchive implements AutoCloseable {

    /** The path of a layer's variables by Keras's rule, for the classes used here. */
    private static final Map<String, String> GROUPS = Map.of(
            "ZeroPadding2D", "zero_padding2d",
            "Rescaling", "rescaling",
            "Conv2D", "conv2d",
            "AveragePooling2D", "average_pooling2d",
            "Activation", "activation",
            "Permute", "permute",
            "Flatten", "flatten",
            "Dense", "dense");

    final JsonNode metadata;
    final JsonNode config;
    private final HdfFile weights;

    KerasArchive(Path file, Path directory) throws IOException {
        JsonMapper json = new JsonMapper();
        try (ZipFile zip = new ZipFile(file.toFile())) {
            List<String> names = zip.stream().map(ZipEntry::getName).toList();
            assertEquals(List.of("metadata.json", "config.json", "model.weights.h5"), names);
            metadata = json.readTree(zip.getInputStream(zip.getEntry(names.get(0))));
            config = json.readTree(zip.getInputStream(zip.getEntry(names.get(1))));
            Path h5 = Files.createTempFile(directory, "weights", ".h5");
            Files.write(h5, zip.getInputStream(zip.getEntry(names.get(2))).readAllBytes());
            weights = new HdfFile(h5);
        }
    }

    /** The layers' groups in the weights' file, in the model's order, with the layers' own configurations. */
    Map<String, JsonNode> layers() {
        Map<String, Integer> uses = new HashMap<>();
        Map<String, JsonNode> layers = new LinkedHashMap<>();
        for (JsonNode layer : config.at("/config/layers")) {
            String className = layer.get("class_name").asString();
            if (!className.equals("InputLayer")) {
                String group = GROUPS.get(className);
                int used = uses.merge(group, 1, Integer::sum);
                layers.put(used == 1 ? group : group + "_" + (used - 1), layer);
            }
        }
        return layers;
    }

    List<String> groups() {
        return new ArrayList<>(
                ((Group) weights.getChild("layers")).getChildren().keySet());
    }

    Object variable(String layer, int index) {
        return weights.getDatasetByPath("layers/" + layer + "/vars/" + index).getData();
    }

    int variables(String layer) {
        return ((Group) weights.getByPath("layers/" + layer + "/vars"))
                .getChildren()
                .size();
    }

    boolean hasRootVariables() {
        return weights.getChild("vars") != null;
    }

    /** The probabilities of one image {@code [height][width][channels]}. */
    double[] predict(double[][][] image) {
        double[][][] maps = image;
        double[] vector = null;
        for (Map.Entry<String, JsonNode> entry : layers().entrySet()) {
            String name = entry.getKey();
            JsonNode settings = entry.getValue().get("config");
            switch (entry.getValue().get("class_name").asString()) {
                case "ZeroPadding2D" ->
                    maps = padded(maps, settings.at("/padding/0/0").asInt());
                case "Rescaling" -> {
                    double scale = settings.get("scale").asDouble();
                    double offset = settings.get("offset").asDouble();
                    if (vector != null) {
                        vector = Arrays.stream(vector)
                                .map(x -> x * scale + offset)
                                .toArray();
                    } else {
                        maps = rescaled(maps, scale, offset);
                    }
                }
                case "Conv2D" -> maps = convolved(maps, (float[][][][]) variable(name, 0), (float[]) variable(name, 1));
                case "AveragePooling2D" -> maps = pooled(maps);
                case "Permute" -> maps = channelsFirst(maps);
                case "Flatten" -> vector = flattened(maps);
                case "Dense" -> vector = dense(vector, (float[][]) variable(name, 0), (float[]) variable(name, 1));
                case "Activation" -> {
                    String activation = settings.get("activation").asString();
                    if (activation.equals("softmax")) {
                        vector = softmax(vector);
                    } else if (vector != null) {
                        vector = Arrays.stream(vector).map(Math::tanh).toArray();
                    } else {
                        maps = tanh(maps);
                    }
                }
                default -> throw new AssertionError(entry.getValue());
            }
        }
        return vector;
    }

    private static double[][][] padded(double[][][] in, int padding) {
        double[][][] out = new double[in.length + 2 * padding][in[0].length + 2 * padding][in[0][0].length];
        for (int y = 0; y < in.length; y++) {
            for (int x = 0; x < in[0].length; x++) {
                out[y + padding][x + padding] = in[y][x];
            }
        }
        return out;
    }

    private interface Pixel {
        double at(int y, int x, int channel);
    }

    private static double[][][] maps(int height, int width, int channels, Pixel pixel) {
        double[][][] out = new double[height][width][channels];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                for (int c = 0; c < channels; c++) {
                    out[y][x][c] = pixel.at(y, x, c);
                }
            }
        }
        return out;
    }

    private static double[][][] rescaled(double[][][] in, double scale, double offset) {
        return maps(in.length, in[0].length, in[0][0].length, (y, x, c) -> in[y][x][c] * scale + offset);
    }

    private static double[][][] tanh(double[][][] in) {
        return maps(in.length, in[0].length, in[0][0].length, (y, x, c) -> Math.tanh(in[y][x][c]));
    }

    private static double[][][] convolved(double[][][] in, float[][][][] kernel, float[] bias) {
        int rows = kernel.length;
        int columns = kernel[0].length;
        return maps(in.length - rows + 1, in[0].length - columns + 1, bias.length, (y, x, out) -> {
            double sum = bias[out];
            for (int v = 0; v < rows; v++) {
                for (int u = 0; u < columns; u++) {
                    for (int c = 0; c < in[0][0].length; c++) {
                        sum += in[y + v][x + u][c] * kernel[v][u][c][out];
                    }
                }
            }
            return sum;
        });
    }

    private static double[][][] pooled(double[][][] in) {
        return maps(
                in.length / 2,
                in[0].length / 2,
                in[0][0].length,
                (y, x, c) -> (in[2 * y][2 * x][c]
                                + in[2 * y][2 * x + 1][c]
                                + in[2 * y + 1][2 * x][c]
                                + in[2 * y + 1][2 * x + 1][c])
                        / 4);
    }

    private static double[][][] channelsFirst(double[][][] in) {
        return maps(in[0][0].length, in.length, in[0].length, (c, y, x) -> in[y][x][c]);
    }

    private static double[] flattened(double[][][] in) {
        return Arrays.stream(in)
                .flatMap(Arrays::stream)
                .flatMapToDouble(Arrays::stream)
                .toArray();
    }

    private static double[] dense(double[] in, float[][] kernel, float[] bias) {
        double[] out = new double[bias.length];
        for (int k = 0; k < out.length; k++) {
            out[k] = bias[k];
            for (int i = 0; i < in.length; i++) {
                out[k] += in[i] * kernel[i][k];
            }
        }
        return out;
    }

    private static double[] softmax(double[] logits) {
        double sum = Arrays.stream(logits).map(Math::exp).sum();
        return Arrays.stream(logits).map(z -> Math.exp(z) / sum).toArray();
    }

    @Override
    public void close() {
        weights.close();
    }
}
