package lenet5.nn;

import java.util.List;

/**
 * One layer of a {@link Network}: a stateless record that maps an image's input shape to its output shape and names the
 * parameters it needs. The arithmetic lives in {@code lenet5.ops}.
 */
public sealed interface Layer {

    /**
     * The shape that one image of shape {@code input} leaves with.
     *
     * @throws IllegalArgumentException if the layer cannot take such an input
     */
    Shape output(Shape input);

    /** Weights and bias, in that order; empty for a layer that has none. */
    default List<Parameter.Form> parameters(Shape input) {
        return List.of();
    }

    /** What it applies to every element of its input; the identity for a layer that computes anything else. */
    default Activation activation() {
        return Activation.IDENTITY;
    }

    /** Multiply-adds of one image's forward pass; only convolutions and dense layers are counted. */
    default long multiplyAdds(Shape input) {
        return 0;
    }

    /** Whether its output is its input, in the same order in memory. */
    default boolean movesNothing() {
        return false;
    }

    /** What {@code visitor} makes of this kind of layer. */
    <R> R accept(Visitor<R> visitor);

    /**
     * One method a kind of layer: who visits layers and does not know a kind does not compile.
     *
     * @param <R> what it makes of them
     */
    interface Visitor<R> {
        R conv5x5(Conv5x5 layer);

        R averagePool2x2(AveragePool2x2 layer);

        R tanh(Tanh layer);

        R flatten(Flatten layer);

        R dense(Dense layer);
    }

    /**
     * A convolution (cross-correlation, as every framework has it) with 5x5 weights, stride 1, no padding, every input
     * map connected to every output map. Weights {@code [maps, inputMaps, 5, 5]}, bias {@code [maps]}.
     *
     * @param maps the number of output maps
     */
    record Conv5x5(int maps) implements Layer {
        /** Height and width of the weights. */
        public static final int KERNEL = 5;

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.conv5x5(this);
        }

        @Override
        public Shape output(Shape input) {
            requireMaps(input, KERNEL);
            return Shape.of(maps, input.extent(1) - KERNEL + 1, input.extent(2) - KERNEL + 1);
        }

        @Override
        public List<Parameter.Form> parameters(Shape input) {
            int taps = KERNEL * KERNEL;
            return weightsAndBias(
                    Shape.of(maps, input.extent(0), KERNEL, KERNEL), taps * input.extent(0), taps * maps, false);
        }

        @Override
        public long multiplyAdds(Shape input) {
            return (long) output(input).size() * input.extent(0) * KERNEL * KERNEL;
        }
    }

    /** The mean of each 2x2 square of a map, stride 2. Odd extents are refused, so that no pixel is dropped unseen. */
    record AveragePool2x2() implements Layer {
        /** Height, width and stride of the window. */
        public static final int WINDOW = 2;

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.averagePool2x2(this);
        }

        @Override
        public Shape output(Shape input) {
            requireMaps(input, WINDOW);
            if (input.extent(1) % WINDOW != 0 || input.extent(2) % WINDOW != 0) {
                throw new IllegalArgumentException("needs even height and width, got " + input);
            }
            return Shape.of(input.extent(0), input.extent(1) / WINDOW, input.extent(2) / WINDOW);
        }
    }

    /**
     * The hyperbolic tangent of every element, scaled.
     *
     * @param activation amplitude and slope
     */
    record Tanh(Activation activation) implements Layer {
        /**
         * Checks that it is one.
         *
         * @throws IllegalArgumentException for the identity
         */
        public Tanh {
            if (activation.isIdentity()) {
                throw new IllegalArgumentException("needs an amplitude and a slope, got the identity");
            }
        }

        /** Plain tanh. */
        public Tanh() {
            this(Activation.TANH);
        }

        @Override
        public String toString() {
            return activation.equals(Activation.TANH) ? "Tanh[]" : "Tanh[" + activation + "]";
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.tanh(this);
        }

        @Override
        public Shape output(Shape input) {
            return input;
        }
    }

    /** Maps laid out as one vector, in memory order. */
    record Flatten() implements Layer {
        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.flatten(this);
        }

        @Override
        public boolean movesNothing() {
            return true;
        }

        @Override
        public Shape output(Shape input) {
            return Shape.of(input.size());
        }
    }

    /**
     * A fully connected layer. Weights {@code [units, inputs]}, bias {@code [units]}.
     *
     * @param units the number of outputs
     * @param fixed whether training leaves weights and bias as they are
     */
    record Dense(int units, boolean fixed) implements Layer {
        /** A layer that learns. */
        public Dense(int units) {
            this(units, false);
        }

        @Override
        public String toString() {
            return "Dense[units=" + units + (fixed ? ", fixed]" : "]");
        }

        @Override
        public <R> R accept(Visitor<R> visitor) {
            return visitor.dense(this);
        }

        @Override
        public Shape output(Shape input) {
            if (input.rank() != 1) {
                throw new IllegalArgumentException("needs a vector, got " + input + "; put a Flatten before it");
            }
            return Shape.of(units);
        }

        @Override
        public List<Parameter.Form> parameters(Shape input) {
            return weightsAndBias(Shape.of(units, input.size()), input.size(), units, fixed);
        }

        @Override
        public long multiplyAdds(Shape input) {
            return (long) units * input.size();
        }
    }

    private static List<Parameter.Form> weightsAndBias(Shape weights, int fanIn, int fanOut, boolean fixed) {
        return List.of(
                new Parameter.Form(Parameter.Role.weight, weights, fanIn, fanOut, fixed),
                new Parameter.Form(Parameter.Role.bias, Shape.of(weights.extent(0)), fanIn, fanOut, fixed));
    }

    private static void requireMaps(Shape input, int minimum) {
        if (input.rank() != 3 || input.extent(1) < minimum || input.extent(2) < minimum) {
            throw new IllegalArgumentException(
                    "needs maps of at least " + minimum + "x" + minimum + " pixels, got " + input);
        }
    }
}
