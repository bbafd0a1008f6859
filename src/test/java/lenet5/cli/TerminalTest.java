package lenet5.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import lenet5.ChildJvm;
import lenet5.ChildJvm.Result;
import lenet5.ChildJvm.Running;
import lenet5.Lenet5Gpu;
import lenet5.data.TinyMnist;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** What a person sees: {@code script} gives the program a terminal. */
@EnabledOnOs(OS.LINUX)
class TerminalTest {

    private static final String ERASE = "\r\u001b[K";
    private static final int COLUMNS = 80;
    private static final String COLORS = "COLORTERM=";

    @TempDir
    private Path directory;

    private ChildJvm jvm;
    private String data;

    @BeforeEach
    void describe() throws IOException {
        data = TinyMnist.write(directory.resolve("data")).toString();
        jvm = new ChildJvm(Files.createDirectory(directory.resolve("jvm")))
                .environment("TERM", "xterm")
                .environment(
                        "LD_PRELOAD",
                        ""); // libjsig would complain, on the terminal, of script's and the shell's handlers
    }

    @Test
    void aBarWithTheLastEpochsFiguresStaysBelowTheEpochs() {
        Result result = train(COLORS, "--epochs", "3").await();
        assertEquals(0, result.exitCode(), result::toString);
        List<String> bars = Arrays.stream(result.out().split("[\r\n]"))
                .filter(line -> line.contains("% ["))
                .toList();
        String last = bars.get(bars.size() - 1).strip();
        assertTrue(
                last.matches(
                        "100% \\[=*] 3/3 \\(0:00:\\d\\d / 0:00:00\\) loss \\d\\.\\d{4}, \\d+\\.\\d\\d %, [\\d,]+ images/s *"),
                last);
        assertTrue(bars.stream().allMatch(bar -> bar.length() < COLUMNS), bars::toString);
        for (int epoch = 1; epoch <= 3; epoch++) {
            assertTrue(result.out().contains(ERASE + "epoch  " + epoch + "/3  train loss"), result::toString);
        }
    }

    @Test
    void theEndSaysWhereTheModelIsAndWhatToDoNext() {
        Path out = directory.resolve("model.safetensors");
        List<String> lines = train(COLORS, "--epochs", "2", "--out", out.toString())
                .await()
                .out()
                .lines()
                .toList();
        List<String> block = lines.subList(lines.size() - 4, lines.size());
        assertTrue(block.get(0).matches("test accuracy .* error rate .* %, loss .*"), block::toString);
        assertTrue(block.get(1).matches("2 epochs in \\d+\\.\\d s"), block::toString);
        assertEquals("model: " + out, block.get(2));
        assertEquals("next:  ./lenet5 predict " + out + " IMAGE...", block.get(3));
    }

    /** JLine, had it been asked for the terminal's width, would end the JVM at once. */
    @Test
    void controlCStillWritesTheCheckpoint() throws IOException {
        Path checkpoints = directory.resolve("checkpoints");
        Running running = train(COLORS, "--epochs", "9999", "--checkpoint", checkpoints.toString(), "--every", "9999");
        running.awaitLines(3, "epoch ");
        running.process().getOutputStream().write(3);
        running.process().getOutputStream().flush();
        Result result = running.await();
        assertEquals(130, result.exitCode(), result::toString);
        String last = result.out().lines().reduce("", (first, second) -> second);
        assertEquals(
                ERASE.substring(1) + "lenet5: interrupted; to go on: ./lenet5 train --resume " + checkpoints,
                last.substring(last.lastIndexOf('\r') + 1),
                result::toString);
        try (Stream<Path> files = Files.list(checkpoints)) {
            assertEquals(1, files.count());
        }
    }

    @Test
    void noColorMeansNoBar() {
        Result result = train("NO_COLOR=1", "--epochs", "2").await();
        assertEquals(0, result.exitCode(), result::toString);
        assertTrue(result.out().contains("epoch  2/2"), result::toString);
        assertFalse(result.out().contains("\u001b") || result.out().contains("% ["), result::toString);
    }

    private Running train(String noColor, String... options) {
        String terminal = "exec script -qec \"stty cols " + COLUMNS + "; $*\" /dev/null";
        jvm.startedBy("env", "-u", "NO_COLOR", "--default-signal=INT", noColor, "sh", "-c", terminal, "sh");
        List<String> command = new ArrayList<>(List.of("train", "--data", data, "--device", "cpu"));
        command.addAll(List.of(options));
        return jvm.start(Lenet5Gpu.class, command.toArray(String[]::new));
    }
}
