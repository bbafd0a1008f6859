package lenet5.opencl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import lenet5.engine.ProfileRow;
import lenet5.nn.Activation;
import lenet5.nn.Loss;
import lenet5.nn.Shape;
import lenet5.ops.ElementType;
import lenet5.ops.Work;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeviceContextTest {

    private DeviceContext context;

    @BeforeEach
    void open() {
        context = TestDevice.open();
    }

    @AfterEach
    void close() {
        if (context != null) {
            context.close();
        }
    }

    @Test
    void whatIsWrittenIsReadBack() {
        DeviceBuffer floats = floats(2, 3);
        floats.write(new float[] {1, -2, Float.NaN, 4, Float.MIN_VALUE, 6});
        assertArrayEquals(new float[] {1, -2, Float.NaN, 4, Float.MIN_VALUE, 6}, floats.readFloats());
        DeviceBuffer ints = context.allocate(ElementType.INT, Shape.of(2));
        ints.write(new int[] {Integer.MIN_VALUE, 7});
        assertArrayEquals(new int[] {Integer.MIN_VALUE, 7}, ints.readInts());
        assertEquals(Shape.of(2, 3), floats.shape());
        assertEquals(ElementType.INT, ints.type());
    }

    @Test
    void fillAndClearReachEveryElement() {
        DeviceBuffer floats = floats(1001);
        floats.fill(-1.5f);
        float[] expected = new float[1001];
        Arrays.fill(expected, -1.5f);
        assertArrayEquals(expected, floats.readFloats());
        floats.clear();
        assertArrayEquals(new float[1001], floats.readFloats());
        DeviceBuffer ints = context.allocate(ElementType.INT, Shape.of(3));
        ints.write(new int[] {1, 2, 3});
        ints.clear();
        assertArrayEquals(new int[3], ints.readInts());
    }

    @Test
    void wrongLengthsAndTypesAreRefused() {
        DeviceBuffer floats = floats(3);
        DeviceBuffer ints = context.allocate(ElementType.INT, Shape.of(3));
        DeviceBuffer bytes = context.allocate(ElementType.BYTE, Shape.of(3));
        refused("[3] cannot take 2 values", () -> floats.write(new float[2]));
        refused("[3] cannot take 4 values", () -> bytes.write(new byte[4]));
        refused("holds FLOAT, expected INT", () -> floats.write(new int[3]));
        refused("holds INT, expected BYTE", () -> ints.write(new byte[3]));
        refused("holds BYTE, expected FLOAT", () -> bytes.write(new float[3]));
        refused("holds INT, expected FLOAT", ints::readFloats);
        refused("holds FLOAT, expected INT", floats::readInts);
        refused("holds INT, expected FLOAT", () -> ints.fill(1));
    }

    @Test
    void viewsShareTheirParentsMemory() {
        int alignment = new OpenClOps(context).viewAlignment();
        DeviceBuffer whole = floats(3 * alignment);
        whole.clear();
        DeviceBuffer view = whole.view(alignment, Shape.of(1, 2));
        view.write(new float[] {8, 9});
        float[] expected = new float[3 * alignment];
        expected[alignment] = 8;
        expected[alignment + 1] = 9;
        assertArrayEquals(expected, whole.readFloats());
        whole.fill(3);
        assertArrayEquals(new float[] {3, 3}, view.readFloats());
    }

    @Test
    void viewsThatTheDeviceCannotMakeAreRefused() {
        int alignment = new OpenClOps(context).viewAlignment();
        DeviceBuffer whole = floats(2 * alignment);
        refused("leaves its tensor", () -> whole.view(alignment, Shape.of(alignment + 1)));
        refused("leaves its tensor", () -> whole.view(-alignment, Shape.of(1)));
        DeviceBuffer view = whole.view(alignment, Shape.of(alignment));
        failed("cannot view", () -> view.view(0, Shape.of(1)));
        if (alignment > 1) {
            failed("at element 1 of FLOAT buffer", () -> whole.view(1, Shape.of(1)));
        }
    }

    @Test
    void kernelsThatDoNotBuildAreNamedWithMacrosAndDevice() {
        Source source = new Source("kernels/wrong.cl", "#error it is wrong on purpose");
        String message = failed(
                "cannot build kernels/wrong.cl", () -> context.bind(source, "wrong", Map.of("ANSWER", 42), List.of()));
        assertTrue(message.contains("-DANSWER=42"), message);
        assertTrue(message.contains(context.device().toString()), message);
        assertTrue(message.contains("it is wrong on purpose"), "the compiler's log follows: " + message);
    }

    /** NVIDIA's compiler ends the process over a negative extent. */
    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 1 << 20, Integer.MAX_VALUE})
    void workGroupsThatNoDeviceTakesNeverReachTheCompiler(int size) {
        DeviceBuffer x = floats(1);
        String message = failed(
                "kernels/ops/sgd.cl",
                () -> context.bind("ops/sgd", "sgd_update", Map.of("WG_X", size), List.of(x, x, x)));
        assertTrue(message.contains("-DWG_X=" + size), message);
        assertTrue(message.contains(context.device() + ": reqd_work_group_size(WG_X, 1, 1)"), message);
    }

    @Test
    void unknownKernelsAreNamed() {
        DeviceBuffer x = floats(4);
        failed("cannot create kernel sinh of kernels/ops/tanh.cl", () -> bind("ops/tanh", "sinh", x, x));
        String message = assertThrows(UncheckedIOException.class, () -> bind("ops/sinh", "sinh", x, x))
                .getMessage();
        assertEquals("kernels/ops/sinh.cl is not on the class path", message);
    }

    @Test
    void wrongArgumentsAreRefused() {
        DeviceBuffer x = floats(4);
        failed("takes 3 arguments, not 4 buffers", () -> bind("ops/tanh", "tanh_forward", x, x, x, x));
        // an int's argument; the drivers that take a buffer for it learn later that there is no int
        failed("argument", () -> bind("ops/tanh", "tanh_forward", x, x, x).run(4, 1, 1, 4));
        Launch launch = bind("ops/tanh", "tanh_forward", x, x);
        failed("takes 1 int arguments, not 2", () -> launch.run(4, 1, 1, 0, 4));
        try (DeviceContext other = TestDevice.open()) {
            DeviceBuffer foreign = other.allocate(ElementType.FLOAT, Shape.of(4));
            refused("belongs to another context", () -> bind("ops/tanh", "tanh_forward", x, foreign));
        }
    }

    /** A buffer of smaller elements would be read beyond its end. */
    @Test
    void operationsRefuseOtherElementsAndPositionsBehindTheOrder() {
        OpenClOps ops = new OpenClOps(context);
        DeviceBuffer floats = ops.allocate(ElementType.FLOAT, Shape.of(2, 3));
        DeviceBuffer bytes = ops.allocate(ElementType.BYTE, Shape.of(2, 3));
        DeviceBuffer weights = ops.allocate(ElementType.FLOAT, Shape.of(3, 3));
        DeviceBuffer bias = ops.allocate(ElementType.FLOAT, Shape.of(3));
        DeviceBuffer labels = ops.allocate(ElementType.INT, Shape.of(2));
        DeviceBuffer loss = ops.allocate(ElementType.FLOAT, Shape.of(2));
        refused("tanhForward: input holds BYTE", () -> ops.tanhForward(Activation.TANH, bytes, floats));
        refused("tanhBackward: output holds BYTE", () -> ops.tanhBackward(Activation.TANH, bytes, floats, floats));
        refused("sgdUpdate: parameters holds BYTE", () -> ops.sgdUpdate(bytes, floats, 1));
        refused("denseForward: output holds BYTE", () -> ops.denseForward(floats, weights, bias, bytes));
        refused(
                "labels holds FLOAT",
                () -> ops.softmaxCrossEntropy(Loss.SOFTMAX_CROSS_ENTROPY, floats, loss, floats, loss, labels));
        refused(
                "loss holds INT",
                () -> ops.softmaxCrossEntropy(Loss.SOFTMAX_CROSS_ENTROPY, floats, labels, floats, labels, labels));

        DeviceBuffer images = ops.allocate(ElementType.BYTE, Shape.of(2, 3, 3));
        DeviceBuffer batch = ops.allocate(ElementType.FLOAT, Shape.of(2, 1, 3, 3));
        refused("images holds FLOAT", () -> ops.gather(batch, labels, labels, 1, 0, batch, labels));
        var gather = ops.gather(images, labels, labels, 1, 0, batch, labels);
        refused("positions 1 to 2 of an order of 2 images", () -> gather.run(1, 2));
        refused("positions -1 to 0 of an order of 2 images", () -> gather.run(-1, 2));
    }

    @Test
    void profilesSayWhatEachKernelTook() {
        assertThrows(IllegalStateException.class, context::profile);
        try (DeviceContext profiling = DeviceContext.openProfiling(TestDevice.device())) {
            DeviceBuffer x = profiling.allocate(ElementType.FLOAT, Shape.of(1 << 24));
            x.fill(1);
            Launch tanh = profiling
                    .bind("ops/tanh", "tanh_forward", Map.of(), List.of(x, x))
                    .doing(count -> new Work(count, 8L * count));
            Launch update = profiling.bind("ops/sgd", "sgd_update", Map.of(), List.of(x, x, x));
            for (int i = 0; i < 3; i++) {
                tanh.run(1 << 24, 1, 1, 1 << 24);
            }
            update.run(1, 1, 1, 1);
            Map<String, ProfileRow> rows =
                    profiling.profile().stream().collect(Collectors.toMap(ProfileRow::activity, row -> row));
            assertEquals(Set.of("tanh_forward", "sgd_update"), rows.keySet());
            ProfileRow row = rows.get("tanh_forward");
            assertEquals(3, row.runs());
            assertEquals(3.0 * (1 << 24) / row.seconds() / 1e9, row.gigaflops(), 1e-9);
            assertEquals(8 * row.gigaflops(), row.gigabytes(), 1e-9);
            assertEquals(1, row.fraction() + rows.get("sgd_update").fraction(), 1e-12);
            assertEquals(0, rows.get("sgd_update").gigaflops());
            ProfileRow other = rows.get("sgd_update");
            assertTrue(row.launching() > 0 && row.launching() < 1, row::toString);
            // a launch of either takes as long by itself
            double launch = row.launching() * row.seconds() / row.runs();
            assertEquals(Math.min(1, launch / other.seconds()), other.launching(), 1e-9);
        }
    }

    private DeviceBuffer floats(int... shape) {
        return context.allocate(ElementType.FLOAT, Shape.of(shape));
    }

    private Launch bind(String file, String kernel, DeviceBuffer... buffers) {
        return context.bind(file, kernel, Map.of(), List.of(buffers));
    }

    private static void refused(String why, Executable use) {
        String message = assertThrows(IllegalArgumentException.class, use).getMessage();
        assertTrue(message.contains(why), message);
    }

    private static String failed(String why, Executable use) {
        String message = assertThrows(OpenClException.class, use).getMessage();
        assertTrue(message.contains(why), message);
        return message;
    }
}
