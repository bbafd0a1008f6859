package lenet5.train;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import lenet5.data.Normalization;
import lenet5.io.AtomicFiles;
import lenet5.nn.Models;
import lenet5.nn.Network;
import lenet5.nn.Parameter;
import lenet5.nn.Parameters;

/**
 * A trained model as a safetensors file, or the bytes of one. Tensors carry the names and shapes of {@link Network#parameters()}, which are
 * those of PyTorch's {@code nn.Sequential}; they are float32 and in that order. The rest of a {@link Model} is in the
 * metadata.
 */
public final class ModelFile {

    private static final String FORMAT_VERSION = "1";
    private static final String NORMALIZATION_MEAN = "normalization_mean";

    private ModelFile() {}

    /**
     * Writes {@code model} to {@code file}, which is replaced only by a whole one.
     *
     * @throws IOException naming the file, if it cannot be written
     */
    public static void write(Path file, Model model) throws IOException {
        AtomicFiles.write(file, encode(model));
    }

    /**
     * Writes the bytes of {@link #encode} to {@code out}, which stays open.
     *
     * @throws IOException if {@code out} throws one
     */
    public static void write(OutputStream out, Model model) throws IOException {
        out.write(encode(model));
    }

    /** The bytes of {@code model}'s file. */
    public static byte[] encode(Model model) {
        List<Safetensors.Tensor> tensors = tensors("", model.parameters().network());
        ByteBuffer data = Safetensors.allocate(tensors);
        put(model.parameters(), data);
        return Safetensors.encode(metadata(model), tensors, data.flip());
    }

    /**
     * Reads a file that {@link #write(Path, Model)} made, or one that agrees with it in every tensor; or a checkpoint, for
     * its {@link Checkpoint#model()}.
     *
     * @throws ModelFileException if the file cannot be read or differs in anything from what its architecture needs
     */
    public static Model read(Path file) {
        return SafetensorsFile.read(file, ModelFile::read);
    }

    /**
     * Reads such a file from {@code stream}, which holds nothing else and stays open.
     *
     * @param name what messages call it
     * @throws ModelFileException as {@link #read(Path)} does; more bytes than any model has are not read
     */
    public static Model read(String name, InputStream stream) {
        int limit = Models.names().stream()
                .map(Models::named)
                .mapToInt(CheckpointFile::maxBytes)
                .max()
                .orElseThrow();
        return SafetensorsFile.read(name, stream, limit, ModelFile::read);
    }

    /**
     * Reads the bytes of such a file.
     *
     * @param name what messages call it
     * @throws ModelFileException as {@link #read(Path)} does
     */
    public static Model decode(String name, byte[] bytes) {
        return read(name, new ByteArrayInputStream(bytes));
    }

    private static Model read(SafetensorsFile open) throws IOException {
        if (CheckpointFile.is(open)) {
            return CheckpointFile.read(open).model();
        }
        Network network = network(open);
        return model(open, take(open.data(tensors("", network), network.name()), network));
    }

    /**
     * Reads the state of a PyTorch {@code nn.Sequential} that has the layers of {@code network} at the same positions:
     * exactly its tensors, in any order. The model has no seed and no epochs of ours.
     *
     * @param normalization how images became the network's input; if empty, by division alone, unless the metadata have a
     *     mean as {@link #write(Path, Model)} leaves it
     * @throws ModelFileException if the file cannot be read or differs in a tensor from what {@code network} needs
     */
    public static Model readState(Path file, Network network, Optional<Normalization> normalization) {
        return SafetensorsFile.read(file, open -> {
            List<Safetensors.Tensor> tensors = open.inFileOrder(tensors("", network));
            FloatBuffer data = open.data(tensors, network.name()).asFloatBuffer();
            Map<String, Parameter> byName =
                    network.parameters().stream().collect(Collectors.toMap(Parameter::name, Function.identity()));
            Parameters parameters = new Parameters(network);
            for (Safetensors.Tensor tensor : tensors) {
                FloatBuffer values = parameters.view(byName.get(tensor.name()));
                values.put(data.slice(data.position(), values.limit()));
                data.position(data.position() + values.limit());
            }
            boolean stated = open.has(NORMALIZATION_MEAN);
            return new Model(
                    parameters,
                    normalization.orElseGet(() -> stated ? normalization(open) : new Normalization(0)),
                    0,
                    0);
        });
    }

    static Map<String, String> metadata(Model model) {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("format_version", FORMAT_VERSION);
        metadata.put("architecture", model.parameters().network().name());
        metadata.put(NORMALIZATION_MEAN, Float.toString(model.normalization().mean()));
        metadata.put("seed", Long.toString(model.seed()));
        metadata.put("epochs", Integer.toString(model.epochs()));
        metadata.put("writer", "lenet5-opencl " + version());
        return metadata;
    }

    private static String version() {
        return Objects.requireNonNullElse(ModelFile.class.getPackage().getImplementationVersion(), "dev");
    }

    /** The tensors of {@code network}, in the order of its flat parameters. */
    static List<Safetensors.Tensor> tensors(String prefix, Network network) {
        return network.parameters().stream()
                .map(parameter ->
                        new Safetensors.Tensor(prefix + parameter.name(), Safetensors.Type.F32, parameter.shape()))
                .toList();
    }

    static void put(Parameters parameters, ByteBuffer data) {
        for (float value : parameters.values()) {
            data.putFloat(value);
        }
    }

    static Parameters take(ByteBuffer data, Network network) {
        Parameters parameters = new Parameters(network);
        for (int i = 0; i < parameters.values().length; i++) {
            parameters.values()[i] = data.getFloat();
        }
        return parameters;
    }

    static Network network(SafetensorsFile open) {
        if (!open.text("format_version").equals(FORMAT_VERSION)) {
            throw open.unexpected("format_version", Safetensors.quote(FORMAT_VERSION));
        }
        String architecture = open.text("architecture");
        if (!Models.names().contains(architecture)) {
            throw open.unexpected("architecture", "one of " + new TreeSet<>(Models.names()));
        }
        return Models.named(architecture);
    }

    static Model model(SafetensorsFile open, Parameters parameters) {
        long seed = open.number("seed", Long::valueOf, "a 64-bit integer");
        int epochs = open.number("epochs", Integer::valueOf, "a 32-bit integer");
        return new Model(parameters, normalization(open), seed, epochs);
    }

    private static Normalization normalization(SafetensorsFile open) {
        return new Normalization(open.number(NORMALIZATION_MEAN, Float::valueOf, "a number"));
    }
}
