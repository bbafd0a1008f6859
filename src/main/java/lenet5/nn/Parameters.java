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

    /**
     * Refuses what no training run leaves that went well.
     *
     * @throws IllegalArgumentException naming the first element that is infinite or NaN
     */
    public void requireFinite() {
        for (Parameter parameter : network.parameters()) {
            FloatBuffer view = view(parameter);
            for (int i = 0; i < view.limit(); i++) {
                if (!Float.isFinite(view.get(i))) {
                    throw new IllegalArgumentException("tensor " + parameter.name() + ": found " + view.get(i)
                            + " at element " + i + ", expected a finite number");
                }
            }
        }
    }
}
