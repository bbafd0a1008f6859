package lenet5.train;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import lenet5.engine.Metrics;
import lenet5.io.AtomicFiles;
import lenet5.io.Sha256;
import lenet5.io.StrictJson;
import lenet5.nn.Network;
import lenet5.nn.Parameters;
import lenet5.nn.Shape;
import lenet5.train.Safetensors.Tensor;
import lenet5.train.Safetensors.Type;
import tools.jackson.core.JacksonException;

/**
 * A checkpoint: a model file with more in it. The parameters after the last epoch are where a model has them; then come
 * the best ones under the prefix {@code best.} and the history, float64 {@code [epochs, 8]}. The metadata have the
 * {@link Run} as JSON, and the SHA-256 of all other metadata and the data.
 */
final class CheckpointFile {

    static final String RUN = "run";
    static final String CHECKSUM = "sha256";

    /** Loss, correct and total in training, the same in validation, seconds of training and of validation. */
    private static final int HISTORY_COLUMNS = 8;

    private CheckpointFile() {}

    static void write(Path file, Checkpoint checkpoint) throws IOException {
        AtomicFiles.write(file, encode(checkpoint));
    }

    private static byte[] encode(Checkpoint checkpoint) {
        TrainingState state = checkpoint.state();
        List<Tensor> tensors = tensors(state.parameters().network(), state.epoch());
        ByteBuffer data = Safetensors.allocate(tensors);
        ModelFile.put(state.parameters(), data);
        ModelFile.put(state.best(), data);
        state.history().forEach(record -> put(record, data));
        data.flip();
        Map<String, String> metadata = ModelFile.metadata(new Model(
                state.parameters(),
                checkpoint.normalization(),
                checkpoint.run().options().seed(),
                state.epoch()));
        metadata.put(RUN, StrictJson.MAPPER.writeValueAsString(checkpoint.run()));
        metadata.put(CHECKSUM, checksum(metadata, data));
        return Safetensors.encode(metadata, tensors, data);
    }

    /** The most bytes that a checkpoint of {@code network} has. */
    static int maxBytes(Network network) {
        return Safetensors.maxBytes(tensors(network, TrainingOptions.MAX_EPOCHS));
    }

    /** Whether {@code open} is a checkpoint rather than a mere model. */
    static boolean is(SafetensorsFile open) {
        return open.has(RUN);
    }

    /**
     * Reads a file that {@link #write} made.
     *
     * @throws ModelFileException if it cannot be read or is damaged in any way
     */
    static Checkpoint read(Path file) {
        return SafetensorsFile.read(file, CheckpointFile::read);
    }

    static Checkpoint read(SafetensorsFile open) throws IOException {
        Network network = ModelFile.network(open);
        int epochs = epochs(open);
        ByteBuffer data = open.data(tensors(network, epochs), "a checkpoint of " + network.name());
        requireChecksum(open, data);
        Model last = ModelFile.model(open, ModelFile.take(data, network));
        Parameters best = ModelFile.take(data, network);
        List<EpochRecord> history = new ArrayList<>();
        for (int epoch = 1; epoch <= epochs; epoch++) {
            history.add(takeEpoch(epoch, data));
        }
        TrainingState state = new TrainingState(last.parameters(), best, history);
        return new Checkpoint(run(open, last.seed()), last.normalization(), state);
    }

    private static int epochs(SafetensorsFile open) {
        int epochs = open.number("epochs", Integer::valueOf, "a 32-bit integer");
        if (epochs < 1 || epochs > TrainingOptions.MAX_EPOCHS) {
            throw open.unexpected("epochs", "1 to " + TrainingOptions.MAX_EPOCHS);
        }
        return epochs;
    }

    private static List<Tensor> tensors(Network network, int epochs) {
        return Stream.of(
                        ModelFile.tensors("", network),
                        ModelFile.tensors("best.", network),
                        List.of(new Tensor("history", Type.F64, Shape.of(epochs, HISTORY_COLUMNS))))
                .flatMap(List::stream)
                .toList();
    }

    private static void requireChecksum(SafetensorsFile open, ByteBuffer data) {
        Map<String, String> metadata = open.texts();
        String found = open.text(CHECKSUM);
        metadata.remove(CHECKSUM);
        String actual = checksum(metadata, data);
        if (!found.equals(actual)) {
            throw open.fault("damaged: its SHA-256 is " + actual + ", expected " + found);
        }
    }

    static String checksum(Map<String, String> metadata, ByteBuffer data) {
        MessageDigest digest = Sha256.digest();
        metadata.forEach((key, value) -> digest.update((key + "\0" + value + "\0").getBytes(StandardCharsets.UTF_8)));
        digest.update(data.duplicate());
        return Sha256.hex(digest);
    }

    private static void put(EpochRecord record, ByteBuffer data) {
        put(record.training(), data);
        put(record.validation(), data);
        data.putDouble(record.trainSeconds()).putDouble(record.validationSeconds());
    }

    private static void put(Metrics metrics, ByteBuffer data) {
        data.putDouble(metrics.loss()).putDouble(metrics.correct()).putDouble(metrics.total());
    }

    private static EpochRecord takeEpoch(int epoch, ByteBuffer data) {
        return new EpochRecord(
                epoch, takeMetrics(epoch, data), takeMetrics(epoch, data), data.getDouble(), data.getDouble());
    }

    private static Metrics takeMetrics(int epoch, ByteBuffer data) {
        double loss = data.getDouble();
        double correct = data.getDouble();
        double total = data.getDouble();
        boolean counts = total == (int) total && correct == (int) correct && 0 <= correct && correct <= total;
        if (!Double.isFinite(loss) || !counts || total == 0) {
            throw new IllegalArgumentException("history of epoch " + epoch + ": found loss " + loss + ", " + correct
                    + " of " + total + " correct, expected a finite loss and counts");
        }
        return new Metrics(loss, (int) correct, (int) total);
    }

    private static Run run(SafetensorsFile open, long seed) {
        try {
            Run run = StrictJson.MAPPER.readValue(open.text(RUN), Run.class);
            if (run == null || run.options().seed() != seed) {
                throw open.unexpected(RUN, "a run with the seed " + seed);
            }
            return run;
        } catch (JacksonException e) {
            throw open.fault(RUN + " is not usable: " + Safetensors.abbreviate(e.getOriginalMessage()));
        }
    }
}
