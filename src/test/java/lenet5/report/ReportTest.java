package lenet5.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathFactory;
import lenet5.train.EpochRecord;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

/** What a report says. How it looks is {@link ReportInBrowserTest}'s. */
class ReportTest {

    private static ReportedRun run;

    @TempDir
    private Path directory;

    @BeforeAll
    static void train() {
        run = TestRun.train();
        int wrong = run.test().total() - run.test().correct();
        assertTrue(wrong > 0 && run.test().correct() > 0, "the test needs both kinds");
    }

    @Test
    void theSummaryHasTheTestsFigures() throws Exception {
        Document page = write(run);
        String summary = text(page, "//section[@id='summary']");
        String accuracy = String.format(
                Locale.ROOT,
                "%.2f %%",
                100.0 * run.test().correct() / run.test().total());
        assertTrue(summary.contains("Test accuracy" + accuracy), summary);
        assertTrue(summary.contains(run.test().correct() + " of " + run.test().total() + " images"), summary);
        assertTrue(summary.contains((run.test().total() - run.test().correct()) + " read wrongly"), summary);
        double seconds =
                run.history().stream().mapToDouble(EpochRecord::trainSeconds).sum();
        assertTrue(summary.contains(String.format(Locale.ROOT, "Training time%.1f s", seconds)), summary);
    }

    @Test
    void theMatrixAndTheRatesAreThoseOfTheAnswers() throws Exception {
        byte[] labels = run.data().test().labels();
        int[] answers = IntStream.range(0, labels.length).map(i -> labels[i]).toArray();
        int shown = (int) Arrays.stream(answers).filter(k -> k == 3).count();
        int first = IntStream.range(0, labels.length)
                .filter(i -> labels[i] == 3)
                .findFirst()
                .orElseThrow();
        answers[first] = 8; // the only mistake
        Document page = write(TestRun.answering(run, answers));

        List<String> row = texts(page, "//table[@class='matrix']/tbody/tr[4]/td");
        assertEquals(Integer.toString(shown - 1), row.get(3));
        assertEquals("1", row.get(8));
        assertEquals(10, row.size());
        assertEquals(8, row.stream().filter(String::isEmpty).count());
        String recall = String.format(Locale.ROOT, "%.2f %%", 100.0 * (shown - 1) / shown);
        assertEquals(
                List.of("3", Integer.toString(shown), "100.00 %", recall),
                texts(page, "//section[@id='confusion']//table[@class='classes']/tbody/tr[4]/*"));
        assertTrue(text(page, "//section[@id='confusion']/p").contains("a 3 read as 8, 1 of " + shown));
        List<String> wrong = texts(page, "//section[@id='wrong']//figcaption");
        assertEquals(1, wrong.size());
        assertTrue(wrong.get(0).matches("8, 99\\.\\d % is 3, 0\\.\\d %"), wrong.get(0));
    }

    @Test
    void predictionsStandWithTheirProbabilities() throws Exception {
        Document page = write(run);
        List<Prediction> predictions = Prediction.all(run.data().test(), run.testLogits());
        Prediction right =
                predictions.stream().filter(Prediction::isRight).findFirst().orElseThrow();
        assertEquals(
                String.format(Locale.ROOT, "%d %.1f %%", right.label(), 100 * right.confidence()),
                texts(page, "//section[@id='right']//figcaption").get(0));
        double surest = predictions.stream()
                .filter(prediction -> !prediction.isRight())
                .mapToDouble(Prediction::confidence)
                .max()
                .orElseThrow();
        String first = texts(page, "//section[@id='wrong']//figcaption").get(0);
        assertTrue(first.contains(String.format(Locale.ROOT, ", %.1f %% is ", 100 * surest)), first);
        assertEquals(
                IntStream.range(0, 40).mapToObj(i -> Integer.toString(i / 4)).toList(),
                texts(page, "//section[@id='training']//figcaption"));
    }

    @Test
    void everyLayerIsShown() throws Exception {
        Document page = write(run);
        List<String> layers = texts(page, "//section[@id='activations']//figcaption/b");
        assertEquals("the image", layers.get(0));
        assertEquals(
                run.model().parameters().network().layers().stream()
                        .map(placed -> placed.label())
                        .toList(),
                layers.subList(1, layers.size()));
        assertEquals(
                List.of("0 Conv5x5[maps=6]", "3 Conv5x5[maps=16]"),
                texts(page, "//section[@id='filters']//figcaption/b"));
        assertEquals(10, texts(page, "//div[@class='bars']/span").size());
    }

    @Test
    void picturesLieBesideThePageToo() throws Exception {
        write(run);
        Set<String> expected = new TreeSet<>(Set.of(
                "index.html",
                "history.csv",
                "loss.png",
                "accuracy.png",
                "seconds.png",
                "confusion.png",
                "training.png",
                "right.png",
                "wrong.png",
                "filters-00.png",
                "filters-03.png"));
        IntStream.range(0, 12).forEach(i -> expected.add("activations-%02d.png".formatted(i)));
        Set<String> found = files();
        assertEquals(expected, found, "and no temporary file");
        for (String file : found) {
            if (file.endsWith(".png")) {
                assertNotNull(ImageIO.read(directory.resolve(file).toFile()), file);
            }
        }
        String loss = Base64.getEncoder().encodeToString(Files.readAllBytes(directory.resolve("loss.png")));
        assertTrue(Files.readString(directory.resolve("index.html")).contains(loss));
    }

    @Test
    void theHistoryIsATable() throws Exception {
        write(run);
        List<String> lines = Files.readAllLines(directory.resolve("history.csv"));
        assertEquals(
                "epoch,train_loss,train_accuracy,validation_loss,validation_accuracy,train_seconds,validation_seconds,"
                        + "images_per_second",
                lines.get(0));
        assertEquals(TestRun.EPOCHS, lines.size() - 1);
        for (EpochRecord epoch : run.history()) {
            double[] row = Arrays.stream(lines.get(epoch.epoch()).split(","))
                    .mapToDouble(Double::parseDouble)
                    .toArray();
            assertArrayEquals(
                    new double[] {
                        epoch.epoch(),
                        epoch.training().loss(),
                        epoch.training().accuracy(),
                        epoch.validation().loss(),
                        epoch.validation().accuracy(),
                        epoch.trainSeconds(),
                        epoch.validationSeconds(),
                        epoch.imagesPerSecond()
                    },
                    row);
        }
    }

    @Test
    void nothingIsFetchedAndNothingRuns() throws Exception {
        Document page = write(run);
        for (String address : texts(page, "//@src | //@srcset")) {
            assertTrue(address.startsWith("data:image/png;base64,"), address);
        }
        for (String address : texts(page, "//@href")) {
            assertTrue(address.startsWith("#"), address);
            assertFalse(texts(page, "//*[@id='" + address.substring(1) + "']").isEmpty(), address);
        }
        assertEquals(List.of(), texts(page, "//script | //link | //iframe"));
    }

    @Test
    void namesAreTextWhateverIsInThem() throws Exception {
        String nasty = "<script>alert('1')</script> & \"quoted\" ${run}";
        ReportedRun named = new ReportedRun(
                nasty,
                run.engine(),
                Map.of("--out", nasty),
                Optional.of(Path.of("a<b>&c")),
                run.data(),
                run.model(),
                run.history(),
                run.test(),
                run.testLogits());
        List<String> values = texts(write(named), "//section[@id='run']//dd");
        assertEquals(nasty, values.get(0));
        assertTrue(values.contains("a<b>&c"), values::toString);
        assertEquals(nasty, values.get(values.size() - 1));
    }

    @Test
    void withoutATrainingThereAreNoCurves() throws Exception {
        ReportedRun evaluated = new ReportedRun(
                run.device(),
                run.engine(),
                run.options(),
                run.modelFile(),
                run.data(),
                run.model(),
                List.of(),
                run.test(),
                run.testLogits());
        Document page = write(evaluated);
        assertEquals(List.of(), texts(page, "//section[@id='curves'] | //section[@id='time'] | //picture"));
        assertFalse(text(page, "//section[@id='summary']").contains("Training time"));
        assertTrue(Stream.of("history.csv", "loss.png", "seconds.png").noneMatch(files()::contains));
    }

    @Test
    void noneRightOrNoneWrongIsSaid() throws Exception {
        byte[] labels = run.data().test().labels();
        int[] right = IntStream.range(0, labels.length).map(i -> labels[i]).toArray();
        Document flawless = write(TestRun.answering(run, right));
        assertTrue(text(flawless, "//section[@id='confusion']/p").contains("Not one mistake."));
        assertTrue(text(flawless, "//section[@id='wrong']/p").contains("There is no such image."));
        int[] wrong = Arrays.stream(right).map(k -> k == 0 ? 1 : 0).toArray();
        Document hopeless = write(TestRun.answering(run, wrong));
        assertEquals(List.of(), texts(hopeless, "//section[@id='right']//figure"));
        assertEquals(
                "–", texts(hopeless, "//table[@class='classes']/tbody/tr[9]/td").get(1), "nothing was taken for an 8");
    }

    private Document write(ReportedRun told) throws Exception {
        Report.write(directory, told);
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(directory.resolve(Report.PAGE).toFile());
    }

    private Set<String> files() throws Exception {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private static String text(Document page, String path) throws Exception {
        List<String> texts = texts(page, path);
        assertEquals(1, texts.size(), path);
        return texts.get(0);
    }

    /** The text of each node at an XPath, with single spaces. */
    private static List<String> texts(Document page, String path) throws Exception {
        NodeList nodes = (NodeList) XPathFactory.newInstance().newXPath().evaluate(path, page, XPathConstants.NODESET);
        return IntStream.range(0, nodes.getLength())
                .mapToObj(i -> nodes.item(i).getTextContent().strip().replaceAll("\\s+", " "))
                .toList();
    }
}
