package lenet5.report;

import freemarker.template.Configuration;
import freemarker.template.TemplateException;
import freemarker.template.TemplateExceptionHandler;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import lenet5.data.LabeledImages;
import lenet5.train.EpochRecord;

/** A run laid out: the pictures, and the page that has them in it. */
final class Page {

    private static final String TEMPLATE = "index.ftlh";
    private static final int FILE_SCALE = 8;

    /**
     * A chart of the page, once for each theme.
     *
     * @param title what it shows
     * @param light for bright surroundings
     * @param dark for dark ones
     */
    public record ThemedChart(String title, Picture light, Picture dark) {}

    private final Map<String, Object> model = new HashMap<>();
    private final Map<String, Picture> pictures = new LinkedHashMap<>();

    Page(ReportedRun run) {
        int classes = run.model().parameters().network().classes();
        List<Prediction> predictions = Prediction.all(run.data().test(), run.testLogits());
        ConfusionMatrix matrix = new ConfusionMatrix(classes, predictions);
        model.put("run", run);
        model.put("written", DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now()));
        model.put("light", Theme.LIGHT.css());
        model.put("dark", Theme.DARK.css());
        model.put("matrix", matrix);
        model.put(
                "trainSeconds",
                run.history().stream().mapToDouble(EpochRecord::trainSeconds).sum());
        if (!run.history().isEmpty()) {
            addChart(run.history(), "loss", "Loss", Charts::loss);
            addChart(run.history(), "accuracy", "Accuracy", Charts::accuracy);
            addChart(run.history(), "seconds", "Time of each epoch", Charts::seconds);
        }
        keep("confusion", new Charts(run.history(), Theme.LIGHT).confusion(matrix));
        addExamples("training", Example.training(run.data().train(), classes));
        addExamples("wrong", Example.wrong(run.data().test(), predictions));
        addExamples("right", Example.right(run.data().test(), predictions));
        addLayers("filters", LayerView.filters(run.model().parameters()));
        addActivations(run, predictions);
    }

    /** What belongs beside the page: PNG by file name. */
    Map<String, Picture> pictures() {
        return pictures;
    }

    /** The page, well-formed as XML too. */
    String html() {
        Configuration templates = new Configuration(Configuration.VERSION_2_3_35);
        templates.setClassForTemplateLoading(Page.class, "");
        templates.setDefaultEncoding(StandardCharsets.UTF_8.name());
        templates.setLocale(Locale.ENGLISH);
        templates.setTemplateExceptionHandler(TemplateExceptionHandler.RETHROW_HANDLER);
        templates.setLogTemplateExceptions(false);
        try {
            StringWriter html = new StringWriter();
            templates.getTemplate(TEMPLATE).process(model, html);
            return html.toString();
        } catch (IOException | TemplateException e) {
            throw new IllegalStateException(TEMPLATE + " does not fit its data", e);
        }
    }

    private void addChart(List<EpochRecord> history, String name, String title, Function<Charts, BufferedImage> draw) {
        BufferedImage light = draw.apply(new Charts(history, Theme.LIGHT));
        BufferedImage dark = draw.apply(new Charts(history, Theme.DARK));
        model.put(name, new ThemedChart(title, new Picture(light), new Picture(dark)));
        keep(name, light);
    }

    private void addExamples(String name, List<Example> examples) {
        model.put(name, examples);
        if (!examples.isEmpty()) {
            keep(name, Example.sheet(examples));
        }
    }

    private void addActivations(ReportedRun run, List<Prediction> predictions) {
        LabeledImages test = run.data().test();
        Prediction digit =
                predictions.stream().filter(Prediction::isRight).findFirst().orElse(predictions.get(0));
        model.put("digit", digit);
        model.put("digitPicture", new Picture(Drawing.digit(test, digit.index())));
        addLayers("activations", LayerView.activations(run, test.slice(digit.index(), digit.index() + 1)));
    }

    private void addLayers(String name, List<LayerView> layers) {
        model.put(name, layers);
        for (LayerView layer : layers) {
            String file = "%s-%02d".formatted(name, layer.placed().index());
            keep(file, Drawing.enlarged(layer.picture().image(), FILE_SCALE));
        }
    }

    private void keep(String name, BufferedImage image) {
        pictures.put(name + ".png", new Picture(image));
    }
}
