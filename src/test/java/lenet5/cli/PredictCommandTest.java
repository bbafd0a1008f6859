package lenet5.cli;

import static lenet5.cli.Commands.assertFields;
import static lenet5.cli.Commands.events;
import static lenet5.cli.Commands.fail;
import static lenet5.cli.Commands.run;
import static lenet5.cli.Commands.succeed;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import lenet5.ChildJvm.Result;
import lenet5.data.Normalization;
import lenet5.nn.Initializer;
import lenet5.nn.Models;
import lenet5.train.Model;
import lenet5.train.ModelFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** What {@code predict} answers, and where. */
class PredictCommandTest {

    @TempDir
    private Path directory;

    private Path model;

    @BeforeEach
    void writeModel() throws IOException {
        model = directory.resolve("model.safetensors");
        ModelFile.write(model, new Model(Initializer.glorotUniform(Models.lenet5(), 1), new Normalization(0), 1, 0));
    }

    @Test
    void aDigitIsNamedForEachPicture() throws IOException {
        String light = stroke(Color.WHITE, Color.BLACK, "light.png");
        String dark = stroke(Color.BLACK, Color.WHITE, "dark.jpg");
        Result json = succeed("predict", model.toString(), light, dark, "--json", "--device", "cpu");
        List<JsonNode> events = events(json);
        assertEquals(2, events.size(), json::toString);
        for (JsonNode event : events) {
            assertFields(event, "event file digit probability probabilities");
            double sum = 0;
            for (JsonNode probability : event.get("probabilities")) {
                sum += probability.asDouble();
            }
            assertEquals(1, sum, 1e-9);
            int digit = event.get("digit").asInt();
            assertEquals(event.get("probabilities").get(digit), event.get("probability"));
        }
        assertEquals(light, events.get(0).get("file").asString());
        assertEquals(events.get(0).get("digit"), events.get(1).get("digit"), "a digit and its negative");

        Result text = succeed("predict", model.toString(), light, dark, "--device", "cpu");
        List<String> rows = text.out().lines().toList();
        assertEquals(3, rows.size(), text::toString);
        assertTrue(rows.get(0).matches("picture +digit +second +third"), text::toString);
        String percent = " +\\d+\\.\\d %";
        String choices = "  \\d" + percent + "  \\d" + percent + "  \\d" + percent;
        assertTrue(rows.get(1).matches(Pattern.quote(light) + " *" + choices), text::toString);
        assertTrue(
                rows.get(1)
                        .substring(light.length())
                        .strip()
                        .startsWith(events.get(0).get("digit").asString()),
                text::toString);
    }

    @Test
    void directoriesAndStandardInputAreRead() throws IOException {
        Files.createDirectory(directory.resolve("album"));
        String second = stroke(Color.WHITE, Color.BLACK, "album/b.png");
        String first = stroke(Color.WHITE, Color.BLACK, "album/a.png");
        Files.writeString(directory.resolve("album/notes.txt"), "not a picture");
        String album = directory.resolve("album").toString();
        InputStream in = System.in;
        try {
            System.setIn(Files.newInputStream(Path.of(first)));
            List<JsonNode> events =
                    events(succeed("predict", model.toString(), "-", album, "--json", "--device", "cpu"));
            assertEquals(
                    List.of("-", first, second),
                    events.stream().map(event -> event.get("file").asString()).toList());
            assertEquals(events.get(1).get("probabilities"), events.get(0).get("probabilities"));
            System.setIn(new ByteArrayInputStream("seven".getBytes(StandardCharsets.US_ASCII)));
            fail(4, "standard input: not a usable picture", "predict", model.toString(), "-", "--device", "cpu");
        } finally {
            System.setIn(in);
        }
    }

    @Test
    void aPageWithoutADigitIsSaidToHaveNone() throws IOException {
        String blank = stroke(Color.WHITE, Color.WHITE, "blank.png");
        Result text = succeed("predict", model.toString(), blank, "--device", "cpu");
        assertTrue(text.out().lines().anyMatch((blank + "  no digit")::equals), text::toString);
        JsonNode event = events(succeed("predict", model.toString(), blank, "--json", "--device", "cpu"))
                .get(0);
        assertFields(event, "event file digit probability probabilities");
        assertTrue(event.get("digit").isNull() && event.get("probabilities").isNull(), event::toString);
    }

    @Test
    void oneBadPictureDoesNotSpoilTheOthers() throws IOException {
        String good = stroke(Color.WHITE, Color.BLACK, "good.png");
        String missing = directory.resolve("missing.png").toString();
        Result text = run("predict", model.toString(), missing, good, "--device", "cpu");
        assertEquals(4, text.exitCode(), text::toString);
        assertTrue(text.out().contains(good) && !text.out().contains(missing), text::toString);
        assertTrue(text.err().contains("lenet5: " + missing + ": no such file"), text::toString);
        Result json = run("predict", model.toString(), missing, good, "--json", "--device", "cpu");
        assertEquals(4, json.exitCode(), json::toString);
        assertEquals("error", events(json).get(0).get("event").asString());
        assertEquals(missing, events(json).get(0).get("file").asString());
        assertEquals(good, events(json).get(1).get("file").asString());
    }

    /** A picture of an upright stroke; returns its path. */
    private String stroke(Color paper, Color ink, String name) throws IOException {
        BufferedImage picture = new BufferedImage(60, 80, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = picture.createGraphics();
        graphics.setColor(paper);
        graphics.fillRect(0, 0, 60, 80);
        graphics.setColor(ink);
        graphics.fillRect(26, 16, 8, 48);
        graphics.dispose();
        Path file = directory.resolve(name);
        assertTrue(ImageIO.write(picture, name.substring(name.indexOf('.') + 1), file.toFile()));
        return file.toString();
    }
}
