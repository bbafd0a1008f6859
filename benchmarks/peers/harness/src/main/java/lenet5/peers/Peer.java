package lenet5.peers;

import lenet5.nn.Parameters;

/** A library that trains LeNet-5 on a data set it holds ready: ours or another one. */
public interface Peer extends AutoCloseable {

    /** Opens a peer for one batch size, with its data set copied in. */
    @FunctionalInterface
    interface Opener {
        Peer open(Workload workload, int batchSize) throws Exception;
    }

    /** The library and its version. */
    String version();

    /** Copies the parameters in, in the library's own layout. */
    void load(Parameters parameters);

    /** The mean loss of one batch with the present parameters. */
    double loss(int[] batch);

    /** One step of plain SGD a batch, in this order; returns when the parameters are computed. A short last batch is trained. */
    void train(int[] order);

    @Override
    void close();
}
