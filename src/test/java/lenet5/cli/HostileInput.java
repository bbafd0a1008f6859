package lenet5.cli;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import lenet5.ChildJvm.Result;
import lenet5.train.CheckpointDirectory;
import lenet5.train.ForgedCheckpoint;
import lenet5.train.ModelFile;
import lenet5.train.SampleCheckpoint;
import tools.jackson.databind.node.ObjectNode;

/** Runs commands on generated files and values, all of which must be refused; prints how many there were. */
final class HostileInput {

    private static final long LIMIT_NANOS = 20_000_000_000L;

    private final Random random = new Random(6);
    private final Path directory;
    private final Path target;
    private int cases;

    private HostileInput(Path directory) {
        this.directory = directory;
        this.target = directory.resolve("hostile/epoch-000003.safetensors");
    }

    public static void main(String[] arguments) throws IOException {
        HostileInput hostile = new HostileInput(Path.of(arguments[1]));
        Files.createDirectory(hostile.target.getParent());
        switch (arguments[0]) {
            case "checkpoints" -> hostile.checkpoints();
            case "models" -> hostile.models();
            default -> hostile.options();
        }
        System.out.println(hostile.cases);
    }

    private void checkpoints() throws IOException {
        CheckpointDirectory sound = new CheckpointDirectory(directory.resolve("sound"));
        sound.create();
        Path checkpoint = sound.write(SampleCheckpoint.after(3));
        byte[] content = Files.readAllBytes(checkpoint);
        structures(content);
        for (int i = 0; i < 120; i++) {
            byte[] damaged = content.clone();
            damaged[random.nextInt(content.length)] ^= (byte) (1 << random.nextInt(8));
            refused("bit " + i, damaged);
        }
        for (int i = 0; i < 40; i++) {
            byte[] damaged = content.clone();
            byte[] noise = noise(random.nextInt(1, 5000));
            System.arraycopy(noise, 0, damaged, random.nextInt(content.length - noise.length), noise.length);
            refused("noise " + i, damaged);
        }
        forgeries(checkpoint);
    }

    private void forgeries(Path checkpoint) throws IOException {
        for (String epochs : List.of("0", "-1", "2", "4", "100001", "2147483647", "2147483648", "three", "")) {
            forged(checkpoint, "epochs " + epochs, forged -> forged.metadata().put("epochs", epochs));
        }
        for (String run : List.of("", "null", "{}", "[]", "5", "\"run\"", "{\"options\":", "[".repeat(100_000))) {
            String name = run.substring(0, Math.min(run.length(), 20));
            forged(checkpoint, "run " + name, forged -> forged.metadata().put("run", run));
        }
        for (String field : List.of("epochs\":20", "seed\":7", "patience\":0", "batch_size\":16", "every\":1")) {
            String key = field.replaceFirst(":.*", ":");
            for (String value : List.of("null", "-1", "1.5", "\"1\"", "[1]", "{}", "true", "1e99", "9".repeat(2000))) {
                if (!key.startsWith("seed") || !value.equals("-1")) {
                    forged(checkpoint, key + value, forged -> forged.run(field, key + value));
                }
            }
            forged(checkpoint, "without " + key, forged -> forged.run(field, "unknown\":1"));
            forged(checkpoint, "twice " + key, forged -> forged.run(field, field + ",\"" + field));
        }
        for (String rate : List.of("0", "-0.1", "1e99", "\"NaN\"", "null", "[]")) {
            forged(checkpoint, "rate " + rate, forged -> forged.run("rate\":0.1", "rate\":" + rate));
        }
        forged(checkpoint, "seed", forged -> forged.run("seed\":7", "seed\":8"));
        forged(checkpoint, "fewer epochs", forged -> forged.run("epochs\":20", "epochs\":2"));
        forged(checkpoint, "engine", forged -> forged.run("engine\":\"auto", "engine\":\"warp"));
        forged(checkpoint, "mean", forged -> forged.metadata().put("normalization_mean", "NaN"));
        forged(checkpoint, "version", forged -> forged.metadata().put("format_version", "2"));
        forged(checkpoint, "architecture", forged -> forged.metadata().put("architecture", "lenet6"));
        forged(checkpoint, "number", forged -> forged.metadata().put("seed", 7));
        forged(checkpoint, "parameter", forged -> forged.data.putFloat(0, Float.NaN));
        forged(checkpoint, "best", forged -> forged.data.putFloat(61_706 * 4, Float.POSITIVE_INFINITY));
        int history = 2 * 61_706 * 4;
        for (double value : new double[] {Double.NaN, Double.NEGATIVE_INFINITY, -1, 0.5, 1e300}) {
            forged(checkpoint, "correct " + value, forged -> forged.data.putDouble(history + 8, value));
            forged(checkpoint, "total " + value, forged -> forged.data.putDouble(history + 16, value));
        }
        forged(checkpoint, "loss", forged -> forged.data.putDouble(history + 64, Double.NaN));
        for (String tensor : List.of("0.weight", "best.11.bias", "history")) {
            forged(checkpoint, "without " + tensor, forged -> forged.header.remove(tensor));
            forged(
                    checkpoint,
                    "type of " + tensor,
                    forged -> ((ObjectNode) forged.header.get(tensor)).put("dtype", "I8"));
            forged(checkpoint, "extra " + tensor, forged -> forged.header.set("x" + tensor, forged.header.get(tensor)));
        }
    }

    private void forged(Path checkpoint, String name, Consumer<ForgedCheckpoint> change) throws IOException {
        ForgedCheckpoint forged = new ForgedCheckpoint(checkpoint);
        change.accept(forged);
        refused(name, forged.bytes());
    }

    private void models() throws IOException {
        Path model = directory.resolve("sound.safetensors");
        ModelFile.write(model, SampleCheckpoint.after(3).model());
        byte[] content = Files.readAllBytes(model);
        structures(content);
        int header =
                (int) ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).getLong();
        String text = new String(content, Long.BYTES, header, StandardCharsets.UTF_8);
        int tensors = text.indexOf("\"0.weight\"");
        for (int i = 0; i < 150; i++) {
            byte[] damaged = content.clone();
            int at = Long.BYTES + random.nextInt(tensors, text.lastIndexOf('}'));
            damaged[at] ^= (byte) (1 << random.nextInt(8));
            refused("bit " + i, damaged);
        }
    }

    /** What no safetensors file of this program can be, by its lengths alone. */
    private void structures(byte[] content) throws IOException {
        for (int i = 0; i < 60; i++) {
            refused("truncated " + i, Arrays.copyOf(content, random.nextInt(content.length)));
        }
        for (int length : new int[] {0, 1, 7, 8, 9, 100, 4096}) {
            refused("zeros " + length, new byte[length]);
            refused("noise " + length, noise(length));
            refused("longer by " + length, Arrays.copyOf(content, content.length + length + 1));
        }
        for (long length : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 32, 1 << 20, content.length, 2, 0}) {
            byte[] claimed = content.clone();
            ByteBuffer.wrap(claimed).order(ByteOrder.LITTLE_ENDIAN).putLong(0, length);
            refused("header of " + length, claimed);
        }
        for (String header : List.of("[".repeat(500_000), "{\"a\":".repeat(100_000), "{\"a\":" + "9".repeat(500_000))) {
            byte[] encoded = header.getBytes(StandardCharsets.US_ASCII);
            refused(
                    header.substring(0, 6),
                    ByteBuffer.allocate(Long.BYTES + encoded.length)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putLong(encoded.length)
                            .put(encoded)
                            .array());
        }
        Files.write(target, content);
        try (RandomAccessFile sparse = new RandomAccessFile(target.toFile(), "rw")) {
            sparse.setLength(1L << 36);
        }
        refused("64 GiB");
        Files.delete(target);
        Files.createDirectory(target);
        refused("directory");
        Files.delete(target);
    }

    private byte[] noise(int length) {
        byte[] noise = new byte[length];
        random.nextBytes(noise);
        return noise;
    }

    private void refused(String name, byte[] content) throws IOException {
        Files.write(target, content);
        refused(name);
    }

    /** Neither command may take {@link #target}; a model is never looked for among checkpoints' names only. */
    private void refused(String name) throws IOException {
        String file = target.toString();
        expect(4, file, name, "train", "--resume", target.getParent().toString(), "--data", "nowhere");
        if (!name.equals("engine")) { // which only training needs
            expect(4, file + ": ", name, "evaluate", file, "--data", "nowhere", "--device", "cpu");
        }
        try (Stream<Path> files = Files.list(target.getParent())) {
            require(files.count() == 1, name, "left something behind");
        }
        cases++;
    }

    private void options() {
        List<String> noNumbers = List.of(
                "",
                " ",
                "x",
                "1e",
                "1,000",
                "1_000",
                "0x10",
                "one",
                "null",
                "true",
                "1 2",
                "+",
                "-",
                "--",
                "%s%n",
                "$(id)",
                "${sys:user.home}",
                "../../etc/passwd",
                "'; --",
                "\u0000",
                "\u202e1",
                "\ud83d\ude00",
                "1\n2",
                "[1]",
                "{}");
        List<String> noIntegers =
                List.of("1.5", "1e3", "NaN", "Infinity", "-0.0", "9".repeat(400), "9223372036854775808");
        List<String> outOfRange = List.of("-1", "2147483648", "-2147483649");
        for (String option : List.of("epochs", "batch-size", "patience", "every", "seed")) {
            Stream.of(noNumbers, noIntegers).flatMap(List::stream).forEach(value -> wrong(option, value));
            if (!option.equals("seed")) {
                outOfRange.forEach(value -> wrong(option, value));
            }
        }
        noNumbers.stream().filter(value -> !value.equals("0x10")).forEach(value -> wrong("learning-rate", value));
        List.of("0", "-1", "NaN", "Infinity", "1e99", "-1e-9").forEach(value -> wrong("learning-rate", value));
        List.of("0", "100001").forEach(value -> wrong("epochs", value));
        List.of("0", "65537").forEach(value -> wrong("batch-size", value));
        noNumbers.forEach(value -> wrong("model", value));
        noNumbers.forEach(value -> wrong("engine", value));
        for (String option : List.of("out", "checkpoint", "resume")) {
            wrong(option, "\u0000");
        }
    }

    private void wrong(String option, String value) {
        Result result = Commands.run("train", "--data", "nowhere", "--" + option + "=" + value);
        String name = option + "=" + value;
        String told = result.err().replace('-', ' ').lines().findFirst().orElse("");
        require(result.exitCode() == 2 && result.out().isEmpty(), name, result);
        require(told.contains(option.replace('-', ' ')), name, result);
        cases++;
    }

    private static void expect(int code, String part, String name, String... command) {
        long start = System.nanoTime();
        Result result = Commands.run(command);
        require(System.nanoTime() - start < LIMIT_NANOS, name, "took too long");
        require(result.exitCode() == code && result.out().isEmpty(), name, result);
        List<String> lines = result.err().lines().toList();
        String last = lines.isEmpty() ? "" : lines.get(lines.size() - 1);
        require(lines.size() == 1 && last.startsWith("lenet5: ") && last.contains(part), name, result);
    }

    private static void require(boolean holds, String name, Object found) {
        if (!holds) {
            throw new AssertionError(name + ": " + found);
        }
    }
}
