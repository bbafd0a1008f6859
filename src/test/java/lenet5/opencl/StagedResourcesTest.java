package lenet5.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.Stream;
import lenet5.data.Noise;
import lenet5.data.Normalization;
import lenet5.engine.Engine;
import lenet5.engine.LayeredEngine;
import lenet5.engine.SelfTest;
import lenet5.engine.Settings;
import lenet5.engine.StagedData;
import lenet5.nn.Models;
import lenet5.nn.Network;
import lenet5.opencl.fused.TestEngines;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every kernel and buffer of staged data goes with it: programs alone stay, for the next. */
class StagedResourcesTest {

    private static final Network NETWORK = Models.lenet5();
    private static final Settings SETTINGS = new Settings(2, 0.1f);

    /** Opens an engine on a context. */
    @FunctionalInterface
    interface Opener {
        Engine open(DeviceContext context);
    }

    static Stream<Opener> engines() {
        return Stream.of(
                context -> new LayeredEngine<>("layered", new OpenClOps(context), NETWORK, SETTINGS),
                context -> TestEngines.open(context, NETWORK, SETTINGS));
    }

    @ParameterizedTest
    @MethodSource("engines")
    void noneStays(Opener opener) {
        DeviceContext context = TestDevice.open();
        try (Engine engine = opener.open(context)) {
            use(engine, context);
            SelfTest.run(engine, NETWORK, SETTINGS);
            int before = context.resources();
            use(engine, context);
            SelfTest.run(engine, NETWORK, SETTINGS);
            assertEquals(before, context.resources());
        }
    }

    private static void use(Engine engine, DeviceContext context) {
        int before = context.resources();
        try (StagedData data = engine.stage(Noise.images(NETWORK, 5), new Normalization(0.5f))) {
            data.augment(1, 1);
            engine.trainEpoch(data, new int[] {4, 3, 2});
            engine.logits(data);
            assertTrue(context.resources() > before);
        }
    }
}
