package lenet5.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import lenet5.data.LabeledImages;
import lenet5.data.synthetic.SyntheticDigits;
import lenet5.engine.BrokenEngine;
import lenet5.nn.Models;
import lenet5.opencl.Device;
import lenet5.opencl.TestDevice;
import org.junit.jupiter.api.Test;

class ComparisonTest {

    private static final int IMAGES = 20;

    private static final Contender BROKEN = new Contender(
            "broken",
            null,
            (network, settings) -> new BrokenEngine(Contender.reference().open(network, settings)));

    private static final Contender FAILING = new Contender("failing", null, (network, settings) -> {
        throw new IllegalStateException("out of order");
    });

    @Test
    void onlyARightEngineIsTimed() {
        LabeledImages data = SyntheticDigits.splits(1, IMAGES, 1, 1).train();
        Comparison comparison = new Comparison(Models.lenet5(), data, new Stopwatch(1e-9));
        List<Comparison.Row> told = new ArrayList<>();
        List<Comparison.Row> rows =
                comparison.run(List.of(BROKEN, FAILING, Contender.reference()), List.of(8), told::add);
        assertEquals(told, rows);
        assertTrue(rows.get(0).time().isEmpty());
        assertTrue(rows.get(0).problem().orElseThrow().startsWith("wrong results"));
        assertEquals("failed: out of order", rows.get(1).problem().orElseThrow());
        assertTrue(rows.get(2).problem().isEmpty());
        Stopwatch.Time time = rows.get(2).time().orElseThrow();
        assertEquals(1, time.steps());
        assertEquals(3, time.epochSteps());
        assertTrue(time.isScaled());
        assertEquals(IMAGES, time.images());
    }

    @Test
    void theCrossoverIsWhereOpenClStaysAhead() {
        Device device = TestDevice.device();
        List<Comparison.Row> rows = new ArrayList<>();
        for (double[] size : new double[][] {{1, 5, 4}, {32, 3, 4}, {256, 3, 2}, {1024, 3, 1}}) {
            rows.add(row(null, (int) size[0], size[1]));
            rows.add(row(null, (int) size[0], 100));
            rows.add(row(device, (int) size[0], size[2]));
        }
        assertEquals(OptionalInt.of(256), Comparison.crossover(rows));
        assertEquals(OptionalInt.empty(), Comparison.crossover(rows.subList(0, 6)), "behind at the largest");
        assertEquals(OptionalInt.empty(), Comparison.crossover(List.of(row(device, 32, 1))), "nobody to overtake");
    }

    private static Comparison.Row row(Device device, int batchSize, double seconds) {
        Stopwatch.Time time = new Stopwatch.Time(batchSize, 1, 1, seconds, IMAGES);
        return new Comparison.Row(new Contender("any", device, null), batchSize, Optional.of(time), Optional.empty());
    }
}
