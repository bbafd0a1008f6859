package lenet5.opencl.fused;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import lenet5.nn.Models;
import org.apache.commons.io.IOUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How much code an H100 runs for LeNet-5, by Clang and ptxas, against {@code gpu/code-size.txt}: a group that runs once through
 * much code waits for it. {@code -Dcodesize=write} writes the file anew.
 */
class GpuCodeSizeTest {

    private static final Path FILE = Path.of("src/test/resources/gpu/code-size.txt");

    private static final Pattern NOTE = Pattern.compile("'(\\w+)'.*?(\\d+) bytes spill stores.*?Used (\\d+) registers");
    private static final Pattern LOCAL = Pattern.compile("(\\d+) bytes smem");

    @TempDir
    private Path directory;

    /** A kernel's code, as a line: {@code variant kernel bytes registers spilled local}. */
    private record Row(Variant variant, String kernel, int code, int registers, int spilled, int local) {

        static Row of(String line) {
            String[] words = line.trim().split(" +");
            int[] numbers = Stream.of(words).skip(2).mapToInt(Integer::parseInt).toArray();
            return new Row(Variant.valueOf(words[0]), words[1], numbers[0], numbers[1], numbers[2], numbers[3]);
        }

        String name() {
            return variant + " " + kernel;
        }

        @Override
        public String toString() {
            return String.format("%-12s%-18s%8d%6d%6d%8d", variant, kernel, code, registers, spilled, local);
        }
    }

    @Test
    void noKernelGrows() throws IOException, InterruptedException {
        assumeTrue(GpuCompiler.ptxas().isPresent(), "skipped: no ptxas");
        String versions = GpuCompiler.versions();
        List<Row> rows = new ArrayList<>();
        for (Variant variant : List.of(Variant.images, Variant.shares, Variant.tiles, Variant.persistent)) {
            rows.addAll(rows(variant, variant == Variant.tiles ? 1024 : 32));
        }
        String table = "# " + versions
                + "\n# variant, kernel, bytes of code, registers, bytes spilled, bytes of local memory\n"
                + rows.stream().map(row -> row + "\n").collect(Collectors.joining());
        System.out.print(table);
        if ("write".equals(System.getProperty("codesize"))) {
            Files.writeString(FILE, table);
            return;
        }
        List<String> kept = IOUtils.resourceToString("/gpu/code-size.txt", StandardCharsets.UTF_8)
                .lines()
                .toList();
        assumeTrue(
                kept.get(0).equals("# " + versions),
                "skipped: the sizes are those of " + kept.get(0).substring(2));
        Map<String, Row> before = kept.stream()
                .filter(line -> !line.startsWith("#"))
                .map(Row::of)
                .collect(Collectors.toMap(Row::name, row -> row));
        for (Row row : rows) {
            Row most = before.get(row.name());
            assertEquals(
                    row,
                    new Row(
                            row.variant,
                            row.kernel,
                            Math.min(row.code, most.code),
                            Math.min(row.registers, most.registers),
                            Math.min(row.spilled, most.spilled),
                            Math.min(row.local, most.local)),
                    () -> row.name() + " has grown from\n" + most + " to\n" + row);
        }
    }

    private List<Row> rows(Variant variant, int batchSize) throws IOException, InterruptedException {
        String program = Candidate.shipped(variant, TestEngines.H100, batchSize)
                .program(TestEngines.H100, Models.lenet5(), batchSize)
                .orElseThrow();
        String builtins = IOUtils.resourceToString("/gpu/builtins.cl", StandardCharsets.UTF_8);
        GpuCompiler compiler = new GpuCompiler(directory);
        GpuCompiler.Assembled assembled = compiler.assemble(compiler.ptx(builtins + program));
        Map<String, Integer> sizes = codeSizes(assembled.elf());
        List<Row> rows = new ArrayList<>();
        for (String kernel : assembled.notes().replace('\n', ' ').split("Compiling entry function ")) {
            Matcher note = NOTE.matcher(kernel);
            if (note.find()) {
                Matcher local = LOCAL.matcher(kernel);
                rows.add(new Row(
                        variant,
                        note.group(1),
                        sizes.get(note.group(1)),
                        Integer.parseInt(note.group(3)),
                        Integer.parseInt(note.group(2)),
                        local.find() ? Integer.parseInt(local.group(1)) : 0));
            }
        }
        rows.sort(Comparator.comparing(Row::kernel));
        return rows;
    }

    /** The bytes of each section {@code .text.KERNEL}, by kernel. */
    private static Map<String, Integer> codeSizes(byte[] bytes) {
        ByteBuffer elf = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int headers = (int) elf.getLong(0x28);
        int length = elf.getShort(0x3A);
        int names = (int) elf.getLong(headers + elf.getShort(0x3E) * length + 0x18);
        Map<String, Integer> sizes = new TreeMap<>();
        for (int at = headers; at < headers + elf.getShort(0x3C) * length; at += length) {
            int start = names + elf.getInt(at);
            int end = start;
            while (bytes[end] != 0) {
                end++;
            }
            String name = new String(bytes, start, end - start, StandardCharsets.US_ASCII);
            if (name.startsWith(".text.")) {
                sizes.put(name.substring(".text.".length()), (int) elf.getLong(at + 0x20));
            }
        }
        return sizes;
    }
}
