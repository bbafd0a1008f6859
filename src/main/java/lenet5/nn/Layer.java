package lenet5.nn;

import java.util.List;

/**
 * One step of a {@link Network}: a stateless record that maps an image's input shape to its output shape and names the
 * parameters it needs. The arithmetic lives in {@code lenet5.ops}.
 */
public sealed interface Layer {

    /**
     * The shape that one image of shape {@code input} leaves with.
     *
     * @throws IllegalArgumentException if the layer cannot take such an input
     */
    Shape output(Shape input);

    /** The shapes of weights and bias, in that order; empty for a layer that learns nothing. */
    default List<Shape> parameters(Shape input) {
        return List.of();
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
        public List<Shape> parameters(Shape input) {
            return List.of(Shape.of(maps, input.extent(0), KERNEL, KERNEL), Shape.of(maps));
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

    /** The hyperbolic tangent of every element. */
    record Tanh() implements Layer {
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
     */
    record Dense(int units) implements Layer {
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
        public List<Shape> parameters(Shape input) {
            return List.of(Shape.of(units, input.size()), Shape.of(units));
        }

        @Override
        public long multiplyAdds(Shape input) {
            return (long) units * input.size();
        }
    }

    private static void requireMaps(Shape input, int minimum) {
        if (input.rank() != 3 || input.extent(1) < minimum || input.extent(2) < minimum) {
            throw new IllegalArgumentException(
                    "needs maps of at least " + minimum + "x" + minimum + " pixels, got " + input);
        }
    }
}
