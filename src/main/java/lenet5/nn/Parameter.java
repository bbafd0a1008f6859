package lenet5.nn;

/**
 * Where a tensor of values that a layer computes with lies in a network's flat parameters.
 *
 * @param name the layer's position and the tensor's role, {@code 0.weight}: the name PyTorch's {@code nn.Sequential} gives it
 * @param form what it is to its layer
 * @param offset the index of the first element in the flat array
 */
public record Parameter(String name, Form form, int offset) {

    /** What a tensor's values do to a layer's inputs. */
    public enum Role {
        /** Multiplied with them. */
        weight,
        /** Added to the sum. */
        bias
    }

    /**
     * A layer's tensor before it has a place.
     *
     * @param role what it is for
     * @param shape {@code [out, in, 5, 5]} or {@code [out, in]} for weights, {@code [out]} for a bias
     * @param fanIn inputs of one of the layer's sums
     * @param fanOut sums that an input goes into
     * @param fixed whether training leaves it as it is
     */
    public record Form(Role role, Shape shape, int fanIn, int fanOut, boolean fixed) {}

    public Role role() {
        return form.role;
    }

    public Shape shape() {
        return form.shape;
    }

    public boolean fixed() {
        return form.fixed;
    }

    /** The index after the last element. */
    public int end() {
        return offset + shape().size();
    }
}
