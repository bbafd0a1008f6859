package lenet5.report;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import lenet5.data.LabeledImages;
import lenet5.nn.Layer;
import lenet5.nn.Network.Placed;
import lenet5.nn.Parameter;
import lenet5.nn.Parameters;

/**
 * A layer as it is shown: its filters, or what it makes of one image.
 *
 * @param placed the layer in its place
 * @param words what it does
 * @param picture its numbers
 */
public record LayerView(Placed placed, String words, Picture picture) {

    /** Axes of weights that are pictures: output map, input map, height, width. */
    private static final int FILTERS_RANK = 4;

    private static final Layer.Visitor<String> WORDS = new Layer.Visitor<>() {
        @Override
        public String conv5x5(Layer.Conv5x5 layer) {
            return "looks for small patterns, one a map";
        }

        @Override
        public String averagePool2x2(Layer.AveragePool2x2 layer) {
            return "averages each square of 2x2";
        }

        @Override
        public String tanh(Layer.Tanh layer) {
            return "squeezes each number to between −%1$s and %1$s"
                    .formatted(plain(layer.activation().amplitude()));
        }

        @Override
        public String flatten(Layer.Flatten layer) {
            return "puts the maps in one row";
        }

        @Override
        public String dense(Layer.Dense layer) {
            return "weighs every number for each of its own";
        }
    };

    /** 1, not 1.0. */
    private static String plain(float number) {
        return new BigDecimal(Float.toString(number)).stripTrailingZeros().toPlainString();
    }

    /** The learned weights of each convolution. */
    static List<LayerView> filters(Parameters parameters) {
        List<LayerView> views = new ArrayList<>();
        for (Placed placed : parameters.network().layers()) {
            if (placed.parameterCount() > 0
                    && placed.parameters().get(0).shape().rank() == FILTERS_RANK) {
                Parameter weights = placed.parameters().get(0);
                float[] values = new float[weights.shape().size()];
                parameters.view(weights).get(values);
                views.add(of(placed, new Picture(Drawing.filters(values, weights.shape()))));
            }
        }
        return views;
    }

    /** What each layer makes of {@code image}. */
    static List<LayerView> activations(ReportedRun run, LabeledImages image) {
        Parameters parameters = run.model().parameters();
        List<float[]> outputs = Activations.of(parameters, image, run.model().normalization());
        return parameters.network().layers().stream()
                .map(placed ->
                        of(placed, new Picture(Drawing.activations(outputs.get(placed.index()), placed.output()))))
                .toList();
    }

    private static LayerView of(Placed placed, Picture picture) {
        return new LayerView(placed, placed.layer().accept(WORDS), picture);
    }
}
