package lenet5.nn;

import java.nio.FloatBuffer;

/**
 * The values of everything a network learned (or of its gradient), one flat array in the order of
 * {@link Network#parameters()}.
 */
public final class Parameters {

    private final Network network;
    private final float[] values;

    /** All zero. */
    public Parameters(Network network) {
        this(network, new float[network.parameterCount()]);
    }

    /**
     * Wraps {@code values} without copying.
     *
     * @throws IllegalArgumentException if the length is not the network's
     */
    public Parameters(Network network, float[] values) {
        if (values.length != network.parameterCount()) {
            throw new IllegalArgumentException("network " + network.name() + " has " + network.parameterCount()
                    + " parameters, got " + values.length);
        }
        this.network = network;
        this.values = values;
    }

    public Network network() {
        return network;
    }

    /** The flat array itself. */
    public float[] values() {
        return values;
    }

    /** The slice that holds {@code parameter}; writes go through. */
    public FloatBuffer view(Parameter parameter) {
        return FloatBuffer.wrap(values, parameter.offset(), parameter.shape().size())
                .slice();
    }
}
