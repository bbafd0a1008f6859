package lenet5.peers;

import lenet5.bench.Contender;
import lenet5.engine.Engine;
import lenet5.engine.Settings;
import lenet5.engine.StagedData;
import lenet5.nn.Parameters;

/** One of this library's engines. */
final class Ours implements Peer {

    private final Engine engine;
    private final StagedData data;

    private Ours(Engine engine, StagedData data) {
        this.engine = engine;
        this.data = data;
    }

    /** Serves the engine named by the first argument, on the best place it has. */
    public static void main(String[] arguments) throws Exception {
        Contender contender = Contender.all().stream()
                .filter(candidate -> candidate.engine().equals(arguments[0]))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no engine " + arguments[0] + " on this machine"));
        Worker.serve((workload, batchSize) -> open(contender, workload, batchSize));
    }

    static Ours open(Contender contender, Workload workload, int batchSize) {
        Engine engine = contender.open(Workload.network(), new Settings(batchSize, Workload.LEARNING_RATE));
        return new Ours(engine, engine.stage(workload.data(), workload.normalization()));
    }

    @Override
    public String version() {
        return "lenet5 " + engine.name() + ", " + engine.device();
    }

    @Override
    public void load(Parameters parameters) {
        engine.load(parameters);
    }

    @Override
    public double loss(int[] batch) {
        return engine.gradient(data, batch).loss();
    }

    @Override
    public void train(int[] order) {
        engine.trainEpoch(data, order);
    }

    @Override
    public void close() {
        engine.close();
    }
}
