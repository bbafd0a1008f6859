package lenet5.nn;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A feed-forward network: a list of layers whose shapes are inferred once, and the loss over the logits that it ends in.
 * Immutable, and nothing in it depends on where it runs.
 */
public final class Network {

    /**
     * A layer in its place.
     *
     * @param index the layer's position, from 0
     * @param layer what it does
     * @param input the shape of one image before it
     * @param output the shape of one image after it
     * @param parameters its weights and bias, empty if it has none
     */
    public record Placed(int index, Layer layer, Shape input, Shape output, List<Parameter> parameters) {

        /** The layer's record as text with its position, {@code 3 Conv5x5[maps=16]}. */
        public String label() {
            return index + " " + layer;
        }

        /** Whether training changes a parameter of it. */
        public boolean learns() {
            return parameters.stream().anyMatch(parameter -> !parameter.fixed());
        }

        public int parameterCount() {
            return parameters.stream().mapToInt(p -> p.shape().size()).sum();
        }

        /** Multiply-adds of one image's forward pass. */
        public long multiplyAdds() {
            return layer.multiplyAdds(input);
        }
    }

    private final String name;
    private final Shape input;
    private final List<Placed> layers;
    private final List<Parameter> parameters;
    private final Loss loss;

    /** With softmax cross-entropy. */
    public Network(String name, Shape input, List<Layer> layers) {
        this(name, input, layers, Loss.SOFTMAX_CROSS_ENTROPY);
    }

    /**
     * Infers and checks every shape.
     *
     * @param name the architecture's name, written into model files
     * @param input the shape of one input image
     * @param loss what training makes small
     * @throws IllegalArgumentException naming the first layer that cannot take its input
     */
    public Network(String name, Shape input, List<Layer> layers, Loss loss) {
        this.name = name;
        this.loss = loss;
        this.input = input;
        List<Placed> all = new ArrayList<>();
        List<Parameter> tensors = new ArrayList<>();
        Shape shape = input;
        for (Layer layer : layers) {
            Placed placed = place(all.size(), layer, shape, offsetAfter(tensors));
            all.add(placed);
            tensors.addAll(placed.parameters());
            shape = placed.output();
        }
        if (all.isEmpty() || shape.rank() != 1) {
            throw new IllegalArgumentException(
                    "network " + name + ": must end in a vector of logits, ends in " + shape);
        }
        this.layers = List.copyOf(all);
        this.parameters = List.copyOf(tensors);
    }

    private static Placed place(int index, Layer layer, Shape input, int offset) {
        try {
            List<Parameter> parameters = new ArrayList<>();
            for (Parameter.Form form : layer.parameters(input)) {
                parameters.add(new Parameter(index + "." + form.role(), form, offset));
                offset += form.shape().size();
            }
            return new Placed(index, layer, input, layer.output(input), List.copyOf(parameters));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("layer " + index + " " + layer + ": " + e.getMessage(), e);
        }
    }

    private static int offsetAfter(List<Parameter> parameters) {
        return parameters.isEmpty() ? 0 : parameters.get(parameters.size() - 1).end();
    }

    public String name() {
        return name;
    }

    /** The shape of one input image. */
    public Shape input() {
        return input;
    }

    /** The number of classes: the length of the logits. */
    public int classes() {
        return layers.get(layers.size() - 1).output().size();
    }

    /** What training makes small. */
    public Loss loss() {
        return loss;
    }

    public List<Placed> layers() {
        return layers;
    }

    /** Every layer's weights and bias, in the order of the flat array. */
    public List<Parameter> parameters() {
        return parameters;
    }

    /** The length of the flat parameter array. */
    public int parameterCount() {
        return offsetAfter(parameters);
    }

    /** Multiply-adds of one image's forward pass. */
    public long forwardMultiplyAdds() {
        return layers.stream().mapToLong(Placed::multiplyAdds).sum();
    }

    /**
     * Multiply-adds of one image's backward pass: for each layer as many again for the gradient by its weights, if it learns,
     * and as many for the one by its input, if a layer before it learns.
     */
    public long backwardMultiplyAdds() {
        long sum = 0;
        boolean learned = false;
        for (Placed placed : layers) {
            sum += (placed.learns() ? placed.multiplyAdds() : 0) + (learned ? placed.multiplyAdds() : 0);
            learned |= placed.learns();
        }
        return sum;
    }

    /** A table for people: layer, output shape, parameters, multiply-adds, and the totals. */
    public String summary() {
        String row = "%-24s %-10s %12s %16s%n";
        StringBuilder table = new StringBuilder(String.format(Locale.ROOT, "%s, input %s%n", name, input)
                + String.format(Locale.ROOT, row, "layer", "output", "parameters", "multiply-adds"));
        for (Placed placed : layers) {
            table.append(String.format(
                    Locale.ROOT,
                    row,
                    placed.label(),
                    placed.output(),
                    grouped(placed.parameterCount()),
                    grouped(placed.multiplyAdds())));
        }
        return table.append(String.format(
                        Locale.ROOT, row, "total", "", grouped(parameterCount()), grouped(forwardMultiplyAdds())))
                .toString();
    }

    private static String grouped(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }
}
