package lenet5.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import lenet5.bench.Contender;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class BenchCommandTest {

    private static final String[] TINY = {"--images", "40", "--batch-sizes", "8,16", "--seconds", "0.001"};

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int bench(String... more) {
        return new CommandLine(new BenchCommand())
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(err))
                .execute(Stream.of(TINY, more).flatMap(Arrays::stream).toArray(String[]::new));
    }

    @Test
    void everyEngineHasARowAtEveryBatchSize(@TempDir Path directory) throws Exception {
        Path chart = directory.resolve("chart.png");
        assertEquals(0, bench("--json", "--out", chart.toString()), err::toString);
        JsonMapper json = new JsonMapper();
        List<JsonNode> events = out.toString().lines().map(json::readTree).toList();
        List<JsonNode> rows = events.stream()
                .filter(event -> event.get("event").asString().equals("bench"))
                .toList();
        assertEquals(2 * Contender.all().size(), rows.size());
        for (JsonNode row : rows) {
            assertTrue(row.get("epoch_seconds").asDouble() > 0, row::toString);
            assertEquals(
                    40 / row.get("epoch_seconds").asDouble(),
                    row.get("images_per_second").asDouble(),
                    1e-6);
            assertTrue(row.get("floor_share").asDouble() > 0, row::toString);
        }
        assertTrue(events.stream()
                .anyMatch(event -> event.get("event").asString().equals("floor")
                        && event.get("gigaflops").asDouble() > 0
                        && event.get("gigabytes").asDouble() > 0));
        assertEquals(
                Contender.all().stream().anyMatch(Contender::isOpenCl),
                events.stream().anyMatch(event -> event.get("event").asString().equals("crossover")));
        assertEquals(800, ImageIO.read(chart.toFile()).getWidth());
    }

    @Test
    void theChartCanBeSvg(@TempDir Path directory) throws Exception {
        Path chart = directory.resolve("chart.svg");
        assertEquals(0, bench("--out", chart.toString()), err::toString);
        assertTrue(Files.readString(chart).contains("<svg"));
        assertTrue(out.toString().contains("of floor"), out::toString);
    }

    @Test
    void wrongOptionsAreRefusedBeforeAnythingIsMeasured() {
        assertEquals(CommandLine.ExitCode.USAGE, bench("--out", "chart.pdf"));
        assertTrue(err.toString().contains("expected png or svg"), err::toString);
        assertEquals(CommandLine.ExitCode.USAGE, bench("--batch-sizes", "64"));
        assertTrue(err.toString().contains("--batch-sizes"), err::toString);
    }
}
