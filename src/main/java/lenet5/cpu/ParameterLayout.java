package lenet5.cpu;

import java.util.List;
import lenet5.nn.Network;
import lenet5.nn.Parameter;
import lenet5.nn.Parameters;

/** Where the engine keeps each parameter: one behind the other, the rows of a matrix padded to whole columns. */
final class ParameterLayout {

    private final Network network;
    private final int[] offsets;
    private final int[] pitches;

    ParameterLayout(Network network, int lanes) {
        this.network = network;
        List<Parameter> all = network.parameters();
        this.offsets = new int[all.size() + 1];
        this.pitches = new int[all.size()];
        for (int i = 0; i < all.size(); i++) {
            pitches[i] = matrix(all.get(i)) ? wholeColumns(rowLength(all.get(i)), lanes) : rowLength(all.get(i));
            offsets[i + 1] = offsets[i] + rows(all.get(i)) * pitches[i];
        }
    }

    /** {@code count} rounded up to whole columns. */
    static int wholeColumns(int count, int lanes) {
        return (count + lanes - 1) / lanes * lanes;
    }

    private static boolean matrix(Parameter parameter) {
        return parameter.shape().rank() == 2;
    }

    private static int rowLength(Parameter parameter) {
        return matrix(parameter)
                ? parameter.shape().extent(1)
                : parameter.shape().size();
    }

    private static int rows(Parameter parameter) {
        return parameter.shape().size() / rowLength(parameter);
    }

    /** Where parameter {@code index} begins. */
    int offset(int index) {
        return offsets[index];
    }

    /** Zeros for every parameter. */
    float[] allocate() {
        return new float[offsets[pitches.length]];
    }

    void pad(Parameters values, float[] padded) {
        copy(values.values(), padded, true);
    }

    Parameters unpad(float[] padded) {
        Parameters values = new Parameters(network);
        copy(values.values(), padded, false);
        return values;
    }

    private void copy(float[] flat, float[] padded, boolean in) {
        for (int i = 0; i < pitches.length; i++) {
            Parameter parameter = network.parameters().get(i);
            int length = rowLength(parameter);
            for (int row = 0; row < rows(parameter); row++) {
                int at = parameter.offset() + row * length;
                int paddedAt = offsets[i] + row * pitches[i];
                if (in) {
                    System.arraycopy(flat, at, padded, paddedAt, length);
                } else {
                    System.arraycopy(padded, paddedAt, flat, at, length);
                }
            }
        }
    }
}
