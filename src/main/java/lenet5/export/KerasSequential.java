package lenet5.export;

import io.jhdf.HdfFile;
import io.jhdf.WritableHdfFile;
import io.jhdf.api.WritableGroup;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import lenet5.data.Normalization;
import lenet5.nn.Layer;
import lenet5.nn.Network;
import lenet5.nn.Network.Placed;
import lenet5.nn.Parameters;
import lenet5.nn.Shape;
import lenet5.train.Model;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * A model as Keras 3 saves a {@code Sequential}: a zip archive of {@code config.json} (the layers), {@code metadata.json}
 * and {@code model.weights.h5}. There each layer has a group {@code layers/NAME/vars} with its variables, {@code 0} the
 * kernel and {@code 1} the bias; NAME is the layer's class in snake case, numbered from its second use on.
 *
 * <p>Images are channels-last in Keras: convolution kernels are {@code [5, 5, in, out]}, dense kernels
 * {@code [in, out]}, and the rows of the first dense kernel after a flatten go by height, width, channel.
 */
final class KerasSequential {

    /** The first version with this layout. */
    private static final String VERSION = "3.0.0";

    private static final DateTimeFormatter DATE = DateTimeFormatter.ofPattern("yyyy-MM-dd'@'HH:mm:ss", Locale.ROOT);

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    /**
     * jHDF 0.13.0 ends a file with a note where the last dataset ended, over any empty group written after it. Of the
     * root's children it writes, by the order of their names' hashes, this one last.
     */
    private static final String WRITTEN_LAST = "written_by";

    /** A layer's entry in the configuration, and its variables as arrays of floats. */
    private record Entry(String name, Map<String, Object> config, List<Object> variables) {}

    private final Parameters parameters;
    private final Network network;
    private final List<Entry> layers = new ArrayList<>();
    private final Map<String, Integer> uses = new HashMap<>();
    /** What the last flatten took, until a dense layer has put its rows in order; else null. */
    private Shape flattened;

    KerasSequential(Model model) {
        this.parameters = model.parameters();
        this.network = parameters.network();
        int padding = InputImage.of(network.input()).padding();
        if (padding > 0) {
            int[] sides = {padding, padding};
            add("ZeroPadding2D", Map.of("padding", List.of(sides, sides), "data_format", "channels_last"));
        }
        double mean = model.normalization().mean();
        add("Rescaling", Map.of("scale", 1.0 / Normalization.WHITE, "offset", -mean));
        network.layers().forEach(this::addLayer);
        add("Activation", Map.of("activation", "softmax"));
    }

    byte[] encode() throws IOException {
        ByteArrayOutputStream archive = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(archive)) {
            zip.putNextEntry(new ZipEntry("metadata.json"));
            zip.write(json(Map.of("keras_version", VERSION, "date_saved", DATE.format(LocalDateTime.now()))));
            zip.putNextEntry(new ZipEntry("config.json"));
            zip.write(json(config()));
            zip.putNextEntry(new ZipEntry("model.weights.h5"));
            zip.write(weights());
        }
        return archive.toByteArray();
    }

    private static byte[] json(Object value) {
        return JSON.writeValueAsString(value).getBytes(StandardCharsets.UTF_8);
    }

    private Map<String, Object> config() {
        List<Integer> batch = new ArrayList<>();
        batch.add(null);
        batch.addAll(channelsLast(InputImage.of(network.input()).shape()));
        List<Object> all = new ArrayList<>();
        all.add(serialized(
                "keras.layers",
                "InputLayer",
                Map.of("name", "image", "dtype", "float32", "sparse", false, "batch_shape", batch)));
        layers.forEach(layer -> all.add(layer.config()));
        return serialized(
                "keras", "Sequential", Map.of("name", network.name(), "layers", all, "build_input_shape", batch));
    }

    private static List<Integer> channelsLast(Shape shape) {
        return shape.rank() == 3 ? List.of(shape.extent(1), shape.extent(2), shape.extent(0)) : shape.dimensions();
    }

    /** How Keras writes an object that it can make again. */
    private static Map<String, Object> serialized(String module, String className, Map<String, Object> config) {
        Map<String, Object> serialized = new HashMap<>();
        serialized.put("module", module);
        serialized.put("class_name", className);
        serialized.put("config", config);
        serialized.put("registered_name", null);
        return serialized;
    }

    /** jHDF writes to files alone. */
    private byte[] weights() throws IOException {
        Path file = Files.createTempFile("lenet5", ".h5");
        try {
            try (WritableHdfFile h5 = HdfFile.write(file)) {
                h5.putGroup("vars");
                h5.putDataset(WRITTEN_LAST, "lenet5-opencl");
                WritableGroup groups = h5.putGroup("layers");
                for (Entry layer : layers) {
                    WritableGroup variables = groups.putGroup(layer.name()).putGroup("vars");
                    for (int i = 0; i < layer.variables().size(); i++) {
                        variables.putDataset(
                                String.valueOf(i), layer.variables().get(i));
                    }
                }
            }
            return Files.readAllBytes(file);
        } finally {
            Files.delete(file);
        }
    }

    private void addLayer(Placed placed) {
        Runnable add = placed.layer().accept(new Layer.Visitor<>() {
            @Override
            public Runnable conv5x5(Layer.Conv5x5 layer) {
                int[] size = {Layer.Conv5x5.KERNEL, Layer.Conv5x5.KERNEL};
                Map<String, Object> options =
                        Map.of("filters", layer.maps(), "kernel_size", size, "data_format", "channels_last");
                return () -> add("Conv2D", options, convolutionKernel(placed), bias(placed));
            }

            @Override
            public Runnable averagePool2x2(Layer.AveragePool2x2 layer) {
                int[] window = {Layer.AveragePool2x2.WINDOW, Layer.AveragePool2x2.WINDOW};
                Map<String, Object> options =
                        Map.of("pool_size", window, "strides", window, "data_format", "channels_last");
                return () -> add("AveragePooling2D", options);
            }

            @Override
            public Runnable tanh(Layer.Tanh layer) {
                return () -> {
                    addFactor(layer.activation().slope());
                    add("Activation", Map.of("activation", "tanh"));
                    addFactor(layer.activation().amplitude());
                };
            }

            @Override
            public Runnable flatten(Layer.Flatten layer) {
                return () -> addFlatten(placed);
            }

            @Override
            public Runnable dense(Layer.Dense layer) {
                return () -> {
                    Map<String, Object> options = Map.of("units", layer.units(), "trainable", !layer.fixed());
                    add("Dense", options, denseKernel(placed), bias(placed));
                    flattened = null;
                };
            }
        });
        add.run();
    }

    /** Multiplies by {@code factor} unless that is 1. */
    private void addFactor(float factor) {
        if (factor != 1) {
            add("Rescaling", Map.of("scale", factor, "offset", 0));
        }
    }

    private void addFlatten(Placed placed) {
        if (placed.input().rank() == 3) {
            boolean denseFollows =
                    network.layers().stream().skip(placed.index()).anyMatch(later -> later.parameterCount() > 0);
            if (denseFollows) {
                flattened = placed.input();
            } else {
                add("Permute", Map.of("dims", new int[] {3, 1, 2})); // the classes keep their order
            }
        }
        add("Flatten", Map.of());
    }

    private void add(String className, Map<String, Object> settings, Object... variables) {
        String snakeCase = className.replaceAll("(?<=[a-z])(?=[A-Z])", "_").toLowerCase(Locale.ROOT);
        int used = uses.merge(snakeCase, 1, Integer::sum) - 1;
        String name = used == 0 ? snakeCase : snakeCase + "_" + used;
        Map<String, Object> config = new HashMap<>(settings);
        config.put("name", name);
        config.put("dtype", "float32");
        layers.add(new Entry(name, serialized("keras.layers", className, config), List.of(variables)));
    }

    /** {@code [maps, in, 5, 5]} as {@code [5, 5, in, maps]}. */
    private float[][][][] convolutionKernel(Placed placed) {
        FloatBuffer weights = parameters.view(placed.parameters().get(0));
        Shape shape = placed.parameters().get(0).shape();
        int size = Layer.Conv5x5.KERNEL;
        float[][][][] kernel = new float[size][size][shape.extent(1)][shape.extent(0)];
        for (int out = 0; out < shape.extent(0); out++) {
            for (int in = 0; in < shape.extent(1); in++) {
                for (int y = 0; y < size; y++) {
                    for (int x = 0; x < size; x++) {
                        kernel[y][x][in][out] = weights.get();
                    }
                }
            }
        }
        return kernel;
    }

    /** {@code [units, in]} as {@code [in, units]}, the inputs in the order in which Keras flattens. */
    private float[][] denseKernel(Placed placed) {
        FloatBuffer weights = parameters.view(placed.parameters().get(0));
        int units = placed.output().size();
        float[][] kernel = new float[placed.input().size()][units];
        for (int unit = 0; unit < units; unit++) {
            for (int in = 0; in < kernel.length; in++) {
                kernel[row(in)][unit] = weights.get();
            }
        }
        return kernel;
    }

    /** Where Keras has the input that is our {@code in}-th. */
    private int row(int in) {
        if (flattened == null) {
            return in;
        }
        int pixels = flattened.extent(1) * flattened.extent(2);
        return in % pixels * flattened.extent(0) + in / pixels;
    }

    private float[] bias(Placed placed) {
        float[] bias = new float[placed.output().extent(0)];
        parameters.view(placed.parameters().get(1)).get(bias);
        return bias;
    }
}
