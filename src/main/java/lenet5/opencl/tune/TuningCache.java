package lenet5.opencl.tune;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import lenet5.io.AtomicFiles;
import lenet5.io.CacheDirectory;
import lenet5.io.Sha256;
import lenet5.io.StrictJson;
import lenet5.nn.Network;
import lenet5.opencl.Device;
import lenet5.opencl.fused.Candidate;
import lenet5.opencl.fused.Variant;
import lenet5.opencl.fused.plan.Knob;
import lenet5.opencl.fused.plan.Knobs;
import tools.jackson.core.JacksonException;

/** What tuning found best, on disk: a small JSON file for each device, driver, network and class of batch sizes. */
final class TuningCache {

    /**
     * What a file is for.
     *
     * @param device name, platform, driver and all versions
     * @param computeUnits of the device: a part of it may be all that a process gets
     * @param network the network's name
     * @param batchSizes the smallest batch of the class; the next class begins at twice as much
     */
    private record Key(String device, int computeUnits, String network, int batchSizes) {

        static Key of(Device.Facts device, Network network, int batchSize) {
            return new Key(device.identity(), device.computeUnits(), network.name(), Integer.highestOneBit(batchSize));
        }
    }

    /**
     * What is in a file.
     *
     * @param kernels the hash of what was timed, see {@link Candidate#kernels}: with others the figures say nothing
     */
    private record Entry(Key key, String kernels, String variant, Map<String, Integer> knobs) {}

    private final Path directory;

    TuningCache(Path directory) {
        this.directory = directory;
    }

    /** The user's own. */
    static TuningCache user() {
        return new TuningCache(CacheDirectory.root().resolve("tuning"));
    }

    /**
     * What is kept for such steps on {@code device}, if it can still be used.
     *
     * @param messages hears one line about a file that cannot be used
     */
    Optional<Candidate> find(Device.Facts device, Network network, int batchSize, Consumer<String> messages) {
        Key key = Key.of(device, network, batchSize);
        Path file = file(key);
        try {
            Entry entry = StrictJson.MAPPER.readValue(Files.readAllBytes(file), Entry.class);
            if (entry == null || !entry.key.equals(key)) {
                throw new IllegalArgumentException("it is not of this device, network and batch size");
            }
            Candidate candidate = candidate(entry, device, batchSize);
            if (!candidate.kernels(device, network, batchSize).equals(entry.kernels)) {
                throw new IllegalArgumentException("it is of other kernels");
            }
            return Optional.of(candidate);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (JacksonException e) {
            messages.accept(ignored(file, "it is damaged"));
        } catch (IOException e) {
            messages.accept(ignored(file, "it cannot be read"));
        } catch (IllegalArgumentException e) {
            messages.accept(ignored(file, e.getMessage()));
        }
        return Optional.empty();
    }

    private static String ignored(Path file, String reason) {
        return "tuned knobs in " + file + " are ignored: " + reason + "; './lenet5 tune' finds new ones";
    }

    private static Candidate candidate(Entry entry, Device.Facts device, int batchSize) {
        Variant variant = Stream.of(Variant.values())
                .filter(known -> known != Variant.auto && known.name().equals(entry.variant))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no variant " + entry.variant));
        Candidate shipped = Candidate.shipped(variant, device, batchSize);
        Map<String, Integer> values = new TreeMap<>(entry.knobs);
        Map<Knob, Integer> tuning = new LinkedHashMap<>();
        for (Knob knob : shipped.knobs().values().keySet()) {
            Integer value = values.remove(knob.toString());
            if (value == null) {
                throw new IllegalArgumentException("it has no knob " + knob);
            }
            tuning.put(knob, value);
        }
        if (!values.isEmpty()) {
            throw new IllegalArgumentException("variant " + variant + " has no knobs " + values.keySet());
        }
        return new Candidate(variant, new Knobs(tuning), true);
    }

    /**
     * Keeps {@code candidate} in the place of what was kept for such steps.
     *
     * @return the file
     * @throws IOException naming the file, if it cannot be written
     */
    Path keep(Candidate candidate, Device.Facts device, Network network, int batchSize) throws IOException {
        Key key = Key.of(device, network, batchSize);
        Map<String, Integer> named = new TreeMap<>();
        candidate.knobs().values().forEach((knob, value) -> named.put(knob.toString(), value));
        Entry entry = new Entry(
                key,
                candidate.kernels(device, network, batchSize),
                candidate.variant().name(),
                named);
        Files.createDirectories(directory);
        Path file = file(key);
        AtomicFiles.write(
                file, StrictJson.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(entry));
        return file;
    }

    /** Deletes what is kept for such steps: the shipped knobs are best. */
    void forget(Device.Facts device, Network network, int batchSize) throws IOException {
        Files.deleteIfExists(file(Key.of(device, network, batchSize)));
    }

    private Path file(Key key) {
        MessageDigest digest = Sha256.digest();
        digest.update(key.toString().getBytes(StandardCharsets.UTF_8));
        return directory.resolve(Sha256.hex(digest) + ".json");
    }
}
