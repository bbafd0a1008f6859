package lenet5.engine;

import lenet5.data.LabeledImages;
import lenet5.data.Normalization;
import lenet5.nn.Parameters;

/** An engine whose gradient has one wrong element, as a bad driver's might. */
public record BrokenEngine(Engine sound) implements Engine {

    @Override
    public Gradient gradient(StagedData data, int[] batch) {
        Gradient gradient = sound.gradient(data, batch);
        gradient.values().values()[100] = Float.NaN;
        return gradient;
    }

    @Override
    public String name() {
        return "broken";
    }

    @Override
    public String device() {
        return sound.device();
    }

    @Override
    public void load(Parameters parameters) {
        sound.load(parameters);
    }

    @Override
    public Parameters parameters() {
        return sound.parameters();
    }

    @Override
    public StagedData stage(LabeledImages data, Normalization normalization) {
        return sound.stage(data, normalization);
    }

    @Override
    public Metrics trainEpoch(StagedData data, int[] order) {
        return sound.trainEpoch(data, order);
    }

    @Override
    public Metrics evaluate(StagedData data) {
        return sound.evaluate(data);
    }

    @Override
    public float[][] logits(StagedData data) {
        return sound.logits(data);
    }

    @Override
    public void close() {
        sound.close();
    }
}
