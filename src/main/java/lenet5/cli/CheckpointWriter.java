package lenet5.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import lenet5.data.Normalization;
import lenet5.train.Checkpoint;
import lenet5.train.CheckpointDirectory;
import lenet5.train.Run;
import lenet5.train.TrainingState;

/**
 * Keeps a run as it goes: every so many epochs, when it ends in any way, and when it is interrupted (Ctrl-C, SIGTERM), where
 * the JVM then ends with 130 or 143 as the shell expects.
 */
final class CheckpointWriter implements AutoCloseable {

    private final Console console;
    private final Optional<CheckpointDirectory> directory;
    private final Run run;
    private final Normalization normalization;
    private final Thread interruption = new Thread(this::interrupt, "interruption");

    private TrainingState unwritten;
    private Optional<Path> newest;
    private boolean interrupted;

    /**
     * A writer for one run.
     *
     * @param directory where to write; without one an interrupted run is lost, and told so
     * @param newest the checkpoint that the run went on from
     */
    CheckpointWriter(
            Console console,
            Optional<CheckpointDirectory> directory,
            Run run,
            Normalization normalization,
            Optional<Path> newest) {
        this.console = console;
        this.directory = directory;
        this.run = run;
        this.normalization = normalization;
        this.newest = newest;
        Runtime.getRuntime().addShutdownHook(interruption);
    }

    /**
     * Has {@code report} tell of the epoch, and writes it if it is due. Once the run was interrupted it does neither, nor
     * returns: no epoch is told of that is not kept.
     */
    synchronized void epochEnded(TrainingState state, Runnable report) throws IOException {
        awaitEndIfInterrupted();
        report.run();
        unwritten = state;
        if (state.epoch() % run.every() == 0) {
            write();
        }
    }

    private void write() throws IOException {
        if (directory.isEmpty() || unwritten == null || interrupted) {
            return;
        }
        TrainingState state = unwritten;
        unwritten = null; // what fails to be written once is not tried again on the way out
        Path file = directory.get().write(new Checkpoint(run, normalization, state));
        newest = Optional.of(file);
        console.event("checkpoint", "epoch", state.epoch(), "file", file.toString());
    }

    private void awaitEndIfInterrupted() {
        while (interrupted) {
            try {
                wait();
            } catch (InterruptedException e) {
                // The JVM is ending all the same.
            }
        }
    }

    private synchronized void interrupt() {
        console.dropBar();
        try {
            write();
            console.message("lenet5: interrupted; "
                    + newest.map(file -> "to go on: ./lenet5 train --resume " + file.getParent())
                            .orElse("nothing was written"));
        } catch (IOException e) {
            console.message("lenet5: interrupted; " + e.getMessage());
        } finally {
            interrupted = true;
        }
    }

    /** The newest checkpoint, if there is one. */
    synchronized Optional<Path> newest() {
        return newest;
    }

    /** Writes what is not written yet. */
    @Override
    public synchronized void close() throws IOException {
        try {
            write();
        } finally {
            disarm();
        }
    }

    private void disarm() {
        try {
            Runtime.getRuntime().removeShutdownHook(interruption);
        } catch (IllegalStateException e) {
            // The JVM is ending, and the hook has run or is about to.
        }
    }
}
