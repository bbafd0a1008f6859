package lenet5.train;

import lenet5.data.Normalization;

/**
 * Everything that a run needs to go on as if it had never stopped.
 *
 * @param run what was asked
 * @param normalization how images became the network's input
 * @param state how far it came
 */
public record Checkpoint(Run run, Normalization normalization, TrainingState state) {

    /**
     * Checks that no more was done than was asked.
     *
     * @throws IllegalArgumentException if so
     */
    public Checkpoint {
        if (state.epoch() > run.options().epochs()) {
            throw new IllegalArgumentException("epochs: found " + run.options().epochs() + " asked and " + state.epoch()
                    + " done, expected no more done");
        }
    }

    /** The model that the run is to leave if it ends here: the best epoch's where patience is limited, else the last's. */
    public Model model() {
        boolean best = run.options().patience() > 0;
        return new Model(
                best ? state.best() : state.parameters(),
                normalization,
                run.options().seed(),
                best ? state.bestEpoch() : state.epoch());
    }
}
