package lenet5.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import lenet5.nn.Layer.AveragePool2x2;
import lenet5.nn.Layer.Conv5x5;
import lenet5.nn.Layer.Dense;
import lenet5.nn.Layer.Flatten;
import lenet5.nn.Layer.Tanh;
import org.junit.jupiter.api.Test;

class NetworkTest {

    @Test
    void lenet5HasThePublishedCountsInEveryLayer() {
        Network lenet5 = Models.lenet5();
        assertEquals(
                List.of(156, 0, 0, 2_416, 0, 0, 0, 48_120, 0, 10_164, 0, 850),
                lenet5.layers().stream().map(Network.Placed::parameterCount).toList());
        assertEquals(
                List.of(117_600L, 240_000L, 48_000L, 10_080L, 840L),
                lenet5.layers().stream()
                        .map(Network.Placed::multiplyAdds)
                        .filter(count -> count > 0)
                        .toList());
        assertEquals(61_706, lenet5.parameterCount());
        assertEquals(416_520, lenet5.forwardMultiplyAdds());
        assertEquals(715_440, lenet5.backwardMultiplyAdds());
    }

    @Test
    void lenet5HasThePublishedShapes() {
        assertEquals(
                "6@28x28 6@28x28 6@14x14 16@10x10 16@10x10 16@5x5 400 120 120 84 84 10",
                String.join(
                        " ",
                        Models.lenet5().layers().stream()
                                .map(placed -> placed.output().toString())
                                .toList()));
    }

    @Test
    void parametersAreNamedAsInPyTorchAndLieWithoutGaps() {
        List<Parameter> parameters = Models.lenet5().parameters();
        assertEquals(
                List.of(
                        "0.weight",
                        "0.bias",
                        "3.weight",
                        "3.bias",
                        "7.weight",
                        "7.bias",
                        "9.weight",
                        "9.bias",
                        "11.weight",
                        "11.bias"),
                parameters.stream().map(Parameter::name).toList());
        for (int i = 1; i < parameters.size(); i++) {
            assertEquals(parameters.get(i - 1).end(), parameters.get(i).offset());
        }
    }

    @Test
    void aLayerThatDoesNotFitIsNamed() {
        List<Layer> odd = List.of(new Conv5x5(2), new AveragePool2x2(), new Flatten(), new Dense(3));
        String message = assertThrows(IllegalArgumentException.class, () -> new Network("odd", Shape.of(1, 9, 9), odd))
                .getMessage();
        assertTrue(message.contains("layer 1 AveragePool2x2") && message.contains("2@5x5"), message);

        List<Layer> unflattened = List.of(new Tanh(), new Dense(3));
        message = assertThrows(
                        IllegalArgumentException.class, () -> new Network("maps", Shape.of(1, 8, 8), unflattened))
                .getMessage();
        assertTrue(message.contains("layer 1 Dense") && message.contains("Flatten"), message);
    }

    @Test
    void aNetworkMustEndInLogits() {
        assertThrows(
                IllegalArgumentException.class, () -> new Network("maps", Shape.of(1, 8, 8), List.of(new Conv5x5(2))));
        assertThrows(IllegalArgumentException.class, () -> new Network("empty", Shape.of(1, 8, 8), List.of()));
    }

    @Test
    void shapesRefuseEmptyAndOverflowingExtents() {
        assertThrows(IllegalArgumentException.class, () -> Shape.of(3, 0));
        assertThrows(IllegalArgumentException.class, () -> Shape.of(1 << 16, 1 << 16));
    }

    @Test
    void summaryShowsEveryLayerAndTheTotals() {
        String summary = Models.lenet5().summary();
        assertTrue(summary.contains("3 Conv5x5[maps=16]"), summary);
        assertTrue(summary.lines().reduce((a, b) -> b).orElseThrow().matches("total +61,706 +416,520"), summary);
    }

    @Test
    void unknownModelsAreRefusedWithTheKnownNames() {
        String message = assertThrows(IllegalArgumentException.class, () -> Models.named("lenet7"))
                .getMessage();
        assertTrue(message.contains("lenet7") && message.contains("lenet5"), message);
    }

    @Test
    void glorotStaysInItsLimitsAndDependsOnTheSeedAlone() {
        Network lenet5 = Models.lenet5();
        float[] values = Initializer.glorotUniform(lenet5, 1).values();
        assertArrayEquals(values, Initializer.glorotUniform(lenet5, 1).values());
        assertNotEquals(values[0], Initializer.glorotUniform(lenet5, 2).values()[0]);
        Parameter first = lenet5.parameters().get(0);
        double limit = Math.sqrt(6.0 / (25 + 6 * 25));
        double largest = 0;
        for (int i = first.offset(); i < first.end(); i++) {
            largest = Math.max(largest, Math.abs(values[i]));
        }
        assertTrue(largest <= limit && largest > 0.9 * limit, "largest " + largest + ", limit " + limit);
        Parameter bias = lenet5.parameters().get(1);
        for (int i = bias.offset(); i < bias.end(); i++) {
            assertEquals(0, values[i]);
        }
    }
}
