package lenet5.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import lenet5.data.Normalization;
import lenet5.nn.Initializer;
import lenet5.nn.Models;
import lenet5.train.Model;
import lenet5.train.ModelFile;

/** Makes one broken file after another of a good one, lets each command read it, and prints what went wrong. */
final class HostileFiles {

    private static final PrintStream OUT = System.out;

    private static final int DATA = Models.lenet5().parameterCount() * Float.BYTES;

    private final Random random = new Random(2026);
    private final Path directory;
    private final Path file;
    private final byte[] whole;
    private final String header;
    private final byte[] data;
    private int files;
    private int problems;

    private HostileFiles(Path directory) throws IOException {
        this.directory = directory;
        this.file = directory.resolve("model.safetensors");
        ModelFile.write(file, new Model(Initializer.glorotUniform(Models.lenet5(), 1), new Normalization(0.1f), 1, 1));
        this.whole = Files.readAllBytes(file);
        this.header = new String(whole, Long.BYTES, whole.length - DATA - Long.BYTES, StandardCharsets.UTF_8).strip();
        this.data = Arrays.copyOfRange(whole, whole.length - DATA, whole.length);
    }

    public static void main(String[] arguments) throws IOException {
        HostileFiles all = new HostileFiles(Path.of(arguments[0]));
        all.requireAccepted();
        all.lengths();
        all.headers();
        all.json();
        all.values();
        all.otherFormats();
        all.noFiles();
        OUT.println(all.files + " files, " + all.problems + " problems");
    }

    /** What follows would prove nothing if the commands refused the whole file too. */
    private void requireAccepted() throws IOException {
        Path out = directory.resolve("out");
        for (List<String> command : List.of(List.of("import"), List.of("export", "--format", "onnx"))) {
            String[] arguments = Stream.concat(command.stream(), Stream.of(file.toString(), "--out", out.toString()))
                    .toArray(String[]::new);
            if (RootCommand.run(arguments) != 0) {
                throw new AssertionError(command + " refused a good file");
            }
            Files.delete(out);
        }
    }

    private void lengths() throws IOException {
        for (int i = 0; i < 120; i++) {
            refuse("cut short", Arrays.copyOf(whole, random.nextInt(whole.length)));
        }
        for (int i = 0; i < 20; i++) {
            refuse("with more behind it", Arrays.copyOf(whole, whole.length + random.nextInt(1, 5_000)));
        }
        for (int i = 0; i < 40; i++) {
            byte[] claimed = whole.clone();
            long length = random.nextLong() >> random.nextInt(64);
            littleEndian(claimed).putLong(0, length == littleEndian(whole).getLong(0) ? 0 : length);
            refuse("header length " + length, claimed);
        }
        Files.write(file, whole);
        try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
            sparse.setLength(1L << 36);
        }
        refuse("64 GiB");
    }

    private void headers() throws IOException {
        List<String> types = List.of("\"F16\"", "\"F64\"", "\"I64\"", "\"BOOL\"", "\"f32\"", "\"\"", "null", "5", "[]");
        List<String> numbers = List.of(
                "-1",
                "0",
                "7",
                "2147483648",
                "-2147483648",
                "18446744073709551616",
                "1e9",
                "5.5",
                "\"5\"",
                "null",
                "[]");
        for (int i = 0; i < 60; i++) {
            edit("\"F32\"", pick(types));
        }
        for (int i = 0; i < 120; i++) {
            edit("(?<=[\\[,])\\d+(?=[,\\]])", pick(numbers));
        }
        for (int i = 0; i < 30; i++) {
            edit(
                    "\"\\d+\\.(weight|bias)\"",
                    "\"" + pick(List.of("w", "0.", "layer.0", "../0", "0.weight\\u0000")) + "\"");
        }
        for (int i = 0; i < 30; i++) {
            edit("\"(dtype|shape|data_offsets)\":", pick(List.of("\"type\":", "\"\":", "\"dtype\":1,\"shape\":")));
        }
        for (int i = 0; i < 20; i++) {
            edit("\"\\d+\\.(weight|bias)\":\\{[^}]*\\}", pick(List.of("\"0.scale\":{}", "\"x\":1", "\"x\":null")));
        }
        for (String mean : List.of("NaN", "-Infinity", "1e99", "", "bright", "0x", "0,1")) {
            edit("(?<=\"normalization_mean\":)\"0.1\"", "\"" + mean + "\"");
        }
        for (String mean : List.of("0.1", "null", "[]", "{}", "true")) {
            edit("(?<=\"normalization_mean\":)\"0.1\"", mean);
        }
    }

    private void json() throws IOException {
        int many = 1 << 18;
        for (String text : List.of(
                "",
                " ",
                "[]",
                "7",
                "null",
                "\"text\"",
                "{}",
                "{\"__metadata__\":[]}",
                header.substring(0, header.length() - 1),
                header + header,
                header + "}",
                "[".repeat(many),
                "{\"a\":".repeat(many / 2),
                "{\"a\":" + "9".repeat(many) + "}",
                "{\"a\":[" + "[],".repeat(many) + "[]]}",
                "{\"" + "a".repeat(many) + "\":1}",
                header.replaceFirst("\\}$", ",\"0.bias\":{}}"),
                header.replace("\"", "'"),
                header.replace("{", "\u0000{"))) {
            refuse(
                    "header " + text.substring(0, Math.min(20, text.length())),
                    compose(text.getBytes(StandardCharsets.UTF_8)));
        }
        refuse("UTF-16", compose(header.getBytes(StandardCharsets.UTF_16LE)));
        refuse("not UTF-8", compose("{\"\u00ff\":1}".getBytes(StandardCharsets.ISO_8859_1)));
    }

    private void values() throws IOException {
        for (int i = 0; i < 30; i++) {
            byte[] broken = whole.clone();
            float value = pick(List.of(Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY));
            littleEndian(broken).putFloat(whole.length - Float.BYTES * random.nextInt(1, DATA / Float.BYTES), value);
            refuse("a value " + value, broken);
        }
    }

    private void otherFormats() throws IOException {
        for (String magic : List.of(
                "PK\u0003\u0004",
                "\u0089PNG\r\n\u001a\n",
                "\u0089HDF\r\n\u001a\n",
                "\u001f\u008b\b",
                "%PDF-1.7",
                "<html>",
                "#!/bin/sh\n")) {
            byte[] content = new byte[4_096];
            random.nextBytes(content);
            byte[] start = magic.getBytes(StandardCharsets.ISO_8859_1);
            System.arraycopy(start, 0, content, 0, start.length);
            refuse("other format " + start[0], content);
        }
        for (int i = 0; i < 40; i++) {
            byte[] noise = new byte[random.nextInt(20_000)];
            random.nextBytes(noise);
            refuse("noise", noise);
        }
    }

    private void noFiles() throws IOException {
        Files.delete(file);
        refuse("missing");
        Files.createDirectory(file);
        refuse("a directory");
        Files.delete(file);
    }

    /** Replaces one of the places where {@code pattern} matches. */
    private void edit(String pattern, String replacement) throws IOException {
        var places = Pattern.compile(pattern).matcher(header).results().toList();
        var place = pick(places);
        String edited = header.substring(0, place.start()) + replacement + header.substring(place.end());
        if (!edited.equals(header)) {
            refuse(place.group() + " -> " + replacement, compose(edited.getBytes(StandardCharsets.UTF_8)));
        }
    }

    private byte[] compose(byte[] text) {
        return ByteBuffer.allocate(Long.BYTES + text.length + DATA)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(text.length)
                .put(text)
                .put(data)
                .array();
    }

    private static ByteBuffer littleEndian(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private <T> T pick(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }

    private void refuse(String what, byte[] content) throws IOException {
        Files.write(file, content);
        refuse(what);
    }

    private void refuse(String what) throws IOException {
        files++;
        String out = directory.resolve("out").toString();
        run(what, "import", file.toString(), "--out", out);
        run(what, "export", file.toString(), "--format", "onnx", "--out", out);
    }

    private void run(String what, String... arguments) throws IOException {
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        ByteArrayOutputStream told = new ByteArrayOutputStream();
        System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(told, true, StandardCharsets.UTF_8));
        int code = RootCommand.run(arguments);
        String message = told.toString(StandardCharsets.UTF_8).strip();
        boolean right = code == 4
                && printed.size() == 0
                && message.startsWith("lenet5: " + file + ": ")
                && message.lines().count() == 1
                && message.length() < 1_000
                && nothingElse();
        if (!right) {
            problems++;
            OUT.println(arguments[0] + " of a file " + what + ": exit code " + code + ", " + message + printed);
        }
    }

    private boolean nothingElse() throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.allMatch(file::equals);
        }
    }
}
