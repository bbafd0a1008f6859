package lenet5.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import lenet5.data.LabeledImages;
import lenet5.data.Normalization;
import lenet5.data.Splits;
import lenet5.engine.Engine;
import lenet5.engine.Gradient;
import lenet5.engine.Metrics;
import lenet5.engine.StagedData;
import lenet5.nn.Models;
import lenet5.nn.Network;
import lenet5.nn.Parameters;
import org.junit.jupiter.api.Test;

/** When training stops and what it leaves, on an engine whose validation losses are given. */
class TrainerTest {

    private static final Network NETWORK = Models.lenet5();
    private static final LabeledImages IMAGE = new LabeledImages(1, 1, new byte[1], new byte[1]);
    private static final Splits SPLITS = new Splits("none", IMAGE, IMAGE, IMAGE);

    private final List<Integer> told = new ArrayList<>();

    @Test
    void itStopsWhenTheValidationLossHasNotFallenForLong() throws IOException {
        TrainingState end = train(fresh(), 9, 3, 5, 4, 4, 6, 7, 1);
        assertEquals(5, end.epoch());
        assertEquals(2, end.bestEpoch(), "the first of equals");
        assertEquals(2, end.best().values()[0]);
        assertEquals(5, end.parameters().values()[0]);
        assertEquals(List.of(1, 2, 3, 4, 5), told);
    }

    @Test
    void aLowerLossRenewsThePatience() throws IOException {
        assertEquals(6, train(fresh(), 6, 2, 5, 4, 6, 3, 8, 2).epoch());
    }

    @Test
    void withoutPatienceItTrainsToTheEnd() throws IOException {
        TrainingState end = train(fresh(), 5, 0, 1, 2, 3, 4, 5);
        assertEquals(5, end.epoch());
        assertEquals(1, end.bestEpoch());
    }

    @Test
    void aResumedRunRemembersItsBestEpochAndItsPatience() throws IOException {
        TrainingState start = train(fresh(), 3, 3, 5, 4, 6);
        told.clear();
        TrainingState end = train(start, 9, 3, 5, 4, 6, 7, 8, 1);
        assertEquals(List.of(4, 5), told);
        assertEquals(2, end.bestEpoch());
        assertSame(start.best(), end.best());
        assertEquals(5, train(end, 9, 3).epoch(), "once stopped it stays so");
    }

    @Test
    void aLossThatIsNoNumberEndsTraining() {
        assertDiverges("epoch 2: the loss is NaN", 5, Double.NaN);
        assertDiverges("epoch 3: the loss is Infinity", 5, 4, Double.POSITIVE_INFINITY);
    }

    @Test
    void aParameterThatIsNoNumberEndsTraining() {
        assertDiverges("epoch 2: tensor 0.weight: found NaN at element 0", 5, Scripted.POISON);
    }

    @Test
    void everyEpochIsAugmentedIfAsked() throws IOException {
        for (boolean augment : new boolean[] {true, false}) {
            Scripted engine = new Scripted(new double[] {3, 2, 1}, 0);
            new Trainer(engine, new TrainingOptions(3, 1, 0, augment))
                    .train(fresh(), SPLITS, new Normalization(0), state -> {});
            assertEquals(augment ? List.of(1, 2, 3) : List.of(), engine.augmented);
        }
    }

    private void assertDiverges(String reason, double... losses) {
        told.clear();
        String message = assertThrows(DivergedException.class, () -> train(fresh(), 9, 0, losses))
                .getMessage();
        assertTrue(message.contains(reason), message);
        assertEquals(losses.length - 1, told.size(), "the listener hears of good epochs alone");
    }

    private static TrainingState fresh() {
        return TrainingState.initial(NETWORK, 1);
    }

    private TrainingState train(TrainingState start, int epochs, int patience, double... losses) throws IOException {
        Trainer trainer =
                new Trainer(new Scripted(losses, start.epoch()), new TrainingOptions(epochs, 1, patience, false));
        return trainer.train(start, SPLITS, new Normalization(0), state -> told.add(state.epoch()));
    }

    /** Its first parameter is the number of epochs it has trained. */
    private static final class Scripted implements Engine {
        static final double POISON = -1;

        private final double[] losses;
        private final List<Integer> augmented = new ArrayList<>();
        private int epoch;

        Scripted(double[] losses, int done) {
            this.losses = losses;
            this.epoch = done;
        }

        @Override
        public Parameters parameters() {
            Parameters parameters = new Parameters(NETWORK);
            parameters.values()[0] = losses[epoch - 1] == POISON ? Float.NaN : epoch;
            return parameters;
        }

        @Override
        public Metrics trainEpoch(StagedData data, int[] order) {
            epoch++;
            return new Metrics(1, 1, 1);
        }

        @Override
        public Metrics evaluate(StagedData data) {
            return new Metrics(losses[epoch - 1], 1, 1);
        }

        @Override
        public StagedData stage(LabeledImages data, Normalization normalization) {
            return new StagedData() {
                @Override
                public int count() {
                    return data.count();
                }

                @Override
                public void augment(long seed, int epoch) {
                    augmented.add(epoch);
                }

                @Override
                public void close() {}
            };
        }

        @Override
        public void load(Parameters parameters) {}

        @Override
        public String name() {
            return "scripted";
        }

        @Override
        public String device() {
            return "paper";
        }

        @Override
        public Gradient gradient(StagedData data, int[] batch) {
            throw new UnsupportedOperationException();
        }

        @Override
        public float[][] logits(StagedData data) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }
}
