package lenet5.engines;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import lenet5.engine.Engine;
import lenet5.engine.SelfTest;
import lenet5.engine.Settings;
import lenet5.nn.Models;
import lenet5.nn.Network;
import lenet5.opencl.TestDevice;
import lenet5.opencl.fused.Variant;
import org.junit.jupiter.api.Test;

class EnginesTest {

    private static final Network NETWORK = Models.lenet5();
    private static final Settings SETTINGS = new Settings(4, 0.1f);

    @Test
    void everyPlaceHasTheEngineThatItNames() {
        List<Place> places = Engines.places();
        assertEquals(
                List.of(Kind.reference, Kind.simd),
                places.stream().map(Place::kind).filter(Kind::isCpu).toList());
        for (Place place : places) {
            try (Engine engine = place.open(NETWORK, SETTINGS)) {
                assertEquals(place.kind().name(), engine.name());
                SelfTest.run(engine, NETWORK, SETTINGS);
            }
        }
        assertThrows(IllegalArgumentException.class, () -> new Place(Kind.auto, null));
        assertThrows(IllegalArgumentException.class, () -> new Place(Kind.fused, null));
    }

    @Test
    void theBestIsOpenedAndSaysWhereItFellBack() {
        List<String> messages = new ArrayList<>();
        try (OpenedEngine opened = Engines.open(EngineRequest.BEST, NETWORK, SETTINGS, messages::add)) {
            SelfTest.run(opened.engine(), NETWORK, SETTINGS);
            boolean onCpu = opened.engine().name().equals(Kind.simd.name());
            assertEquals(onCpu, messages.stream().anyMatch(message -> message.endsWith("; running on the CPU")));
            assertTrue(opened.place().contains("engine " + opened.engine().name()), opened.place());
        }
    }

    @Test
    void whatIsNamedIsOpened() {
        TestDevice.device();
        for (Kind kind : List.of(Kind.layered, Kind.fused)) {
            EngineRequest request = new EngineRequest("opencl", kind, Variant.auto, true);
            try (OpenedEngine opened = Engines.open(request, NETWORK, SETTINGS, message -> {})) {
                assertEquals(kind.name(), opened.engine().name());
                assertTrue(opened.profile().get().isEmpty(), "the self-test is not in the profile");
            }
        }
        assertThrows(DeviceUnavailableException.class, () -> Engines.named("no device has this name"));
    }

    @Test
    void whatDoesNotGoTogetherIsRefused() {
        assertEquals(Kind.fused, new EngineRequest("opencl", Kind.auto, Variant.images, false).kind());
        assertTrue(new EngineRequest("auto", Kind.simd, Variant.auto, false).fits());
        for (EngineRequest request : List.of(
                new EngineRequest("cpu", Kind.auto, Variant.images, false),
                new EngineRequest("cpu", Kind.layered, Variant.auto, false),
                new EngineRequest("gpu", Kind.simd, Variant.auto, false))) {
            assertFalse(request.fits(), request::toString);
            assertThrows(
                    IllegalArgumentException.class,
                    () -> Engines.open(request, NETWORK, SETTINGS, message -> {})
                            .close());
        }
        EngineRequest variantOfLayered = new EngineRequest("auto", Kind.layered, Variant.images, false);
        assertThrows(
                IllegalArgumentException.class,
                () -> Engines.open(variantOfLayered, NETWORK, SETTINGS, message -> {})
                        .close());
    }
}
