package lenet5.nn;

/**
 * Where one learned tensor lies in a network's flat parameters.
 *
 * @param name the layer's position and its role, {@code 0.weight}: the name PyTorch's {@code nn.Sequential} gives it
 * @param shape {@code [out, in, 5, 5]} or {@code [out, in]} for weights, {@code [out]} for a bias
 * @param offset the index of the first element in the flat array
 */
public record Parameter(String name, Shape shape, int offset) {

    /** The index after the last element. */
    public int end() {
        return offset + shape.size();
    }
}
