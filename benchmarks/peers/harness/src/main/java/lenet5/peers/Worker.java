package lenet5.peers;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The process of one peer: reads commands from standard input and answers each with a line that starts with
 * {@link #ANSWER}. What a library prints goes to standard error.
 *
 * <ul>
 *   <li>{@code open BATCH}: opens the peer for a batch size, answers its version
 *   <li>{@code check STEPS}: from the initial parameters, answers the first batch's loss before and after so many steps
 *   <li>{@code time EPOCH STEPS}: answers the seconds of the first so many steps of an epoch, its shuffle included
 * </ul>
 */
public final class Worker {

    static final String ANSWER = "@";

    private final Peer.Opener opener;
    private final Workload workload = Workload.synthetic();
    private Peer peer;
    private int batchSize;

    private Worker(Peer.Opener opener) {
        this.opener = opener;
    }

    /** Serves until standard input ends. */
    public static void serve(Peer.Opener opener) throws Exception {
        PrintStream answers = System.out;
        System.setOut(System.err);
        Worker worker = new Worker(opener);
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = commands.readLine(); line != null; line = commands.readLine()) {
            answers.println(ANSWER + worker.answer(line.split(" ")));
            answers.flush();
        }
        worker.close();
        System.exit(0); // whatever threads the library keeps
    }

    private String answer(String[] command) throws Exception {
        return switch (command[0]) {
            case "open" -> open(Integer.parseInt(command[1]));
            case "check" -> check(Integer.parseInt(command[1]));
            case "time" -> String.valueOf(time(Integer.parseInt(command[1]), Integer.parseInt(command[2])));
            default -> throw new IOException("unknown command " + Arrays.toString(command));
        };
    }

    private String open(int size) throws Exception {
        close();
        batchSize = size;
        peer = opener.open(workload, batchSize);
        return peer.version();
    }

    private String check(int steps) {
        double[] losses = losses(peer, workload, batchSize, steps);
        return losses[0] + " " + losses[1];
    }

    /** The first batch's loss before and after {@code steps} steps. */
    static double[] losses(Peer peer, Workload workload, int batchSize, int steps) {
        int[] order = workload.order(0);
        int[] first = Arrays.copyOf(order, batchSize);
        peer.load(Workload.parameters());
        double before = peer.loss(first);
        peer.train(Arrays.copyOf(order, Math.min(order.length, steps * batchSize)));
        return new double[] {before, peer.loss(first)};
    }

    private double time(int epoch, int steps) {
        long start = System.nanoTime();
        int[] order = workload.order(epoch);
        peer.train(Arrays.copyOf(order, Math.min(order.length, steps * batchSize)));
        return (System.nanoTime() - start) / 1e9;
    }

    private void close() {
        if (peer != null) {
            peer.close();
        }
    }
}
