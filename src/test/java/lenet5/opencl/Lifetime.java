package lenet5.opencl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Map;
import lenet5.nn.Activation;
import lenet5.nn.Shape;
import lenet5.ops.ElementType;
import lenet5.ops.Operation;
import org.junit.jupiter.api.function.Executable;

/** Orders of closing and using that kill a JVM if a handle reaches the driver once too often. Each is run in its own. */
enum Lifetime {
    EVERYTHING_CLOSED_TWICE {
        @Override
        void live(DeviceContext context) {
            DeviceBuffer buffer = buffer(context);
            DeviceBuffer view = buffer.view(0, Shape.of(2));
            Launch launch = update(context, buffer);
            for (int i = 0; i < 2; i++) {
                launch.close();
                view.close();
                buffer.close();
                context.close();
            }
        }
    },
    CONTEXT_CLOSED_FIRST {
        @Override
        void live(DeviceContext context) {
            DeviceBuffer buffer = buffer(context);
            DeviceBuffer view = buffer.view(0, Shape.of(2));
            Launch launch = update(context, buffer);
            launch.run(4, 1, 1, 4);
            context.close();
            launch.close();
            buffer.close();
            view.close();
        }
    },
    VIEW_OUTLIVES_ITS_PARENT {
        @Override
        void live(DeviceContext context) {
            DeviceBuffer buffer = buffer(context);
            DeviceBuffer view = buffer.view(0, Shape.of(2));
            buffer.close();
            assertArrayEquals(new float[] {1, 2}, view.readFloats());
            view.write(new float[] {5, 6});
            assertArrayEquals(new float[] {5, 6}, view.readFloats());
        }
    },
    CONTEXT_USED_AFTER_CLOSE {
        @Override
        void live(DeviceContext context) {
            DeviceBuffer buffer = buffer(context);
            Launch launch = update(context, buffer);
            context.close();
            assertClosed(() -> buffer(context));
            assertClosed(() -> update(context, buffer));
            assertClosed(context::finish);
            assertClosed(buffer::readFloats);
            assertClosed(() -> launch.run(4, 1, 1, 4));
        }
    },
    BUFFER_USED_AFTER_CLOSE {
        @Override
        void live(DeviceContext context) {
            DeviceBuffer buffer = buffer(context);
            Launch launch = update(context, buffer);
            launch.run(4, 1, 1, 4);
            buffer.close();
            assertClosed(buffer::readFloats);
            assertClosed(() -> buffer.write(new float[4]));
            assertClosed(() -> buffer.fill(1));
            assertClosed(buffer::clear);
            assertClosed(() -> buffer.view(0, Shape.of(2)));
            assertClosed(() -> update(context, buffer));
            assertClosed(() -> launch.run(4, 1, 1, 4));
        }
    },
    LAUNCH_USED_AFTER_CLOSE {
        @Override
        void live(DeviceContext context) {
            Launch launch = update(context, buffer(context));
            launch.run(4, 1, 1, 4);
            launch.close();
            assertClosed(() -> launch.run(4, 1, 1, 4));
            assertClosed(() -> launch.run(2, 1, 1, 2)); // another argument, which would be set first
        }
    },
    OPS_USED_AFTER_CLOSE {
        @Override
        void live(DeviceContext context) {
            OpenClOps ops = new OpenClOps(context);
            DeviceBuffer x = ops.allocate(ElementType.FLOAT, Shape.of(1, 4));
            DeviceBuffer y = ops.allocate(ElementType.FLOAT, Shape.of(1, 4));
            Operation tanh = ops.tanhForward(Activation.TANH, x, y);
            tanh.run(1);
            ops.close();
            ops.close();
            assertClosed(() -> tanh.run(1));
            assertClosed(() -> ops.tanhForward(Activation.TANH, x, y));
            assertClosed(() -> ops.allocate(ElementType.FLOAT, Shape.of(1)));
            assertClosed(() -> ops.readFloats(y));
        }
    },
    PROFILE_NEVER_ASKED_FOR {
        @Override
        void live(DeviceContext unused) {
            DeviceContext context = DeviceContext.openProfiling(TestDevice.device());
            update(context, buffer(context)).run(4, 1, 1, 4);
            context.close();
            context.close();
            assertClosed(context::profile);
        }
    };

    abstract void live(DeviceContext context);

    /** Lives the life of that name. */
    public static void main(String[] arguments) {
        try (DeviceContext context = TestDevice.open()) {
            valueOf(arguments[0]).live(context);
        }
        System.out.println("survived");
    }

    private static DeviceBuffer buffer(DeviceContext context) {
        DeviceBuffer buffer = context.allocate(ElementType.FLOAT, Shape.of(4));
        buffer.write(new float[] {1, 2, 3, 4});
        return buffer;
    }

    /** Gradient descent, with one buffer for everything. */
    private static Launch update(DeviceContext context, DeviceBuffer buffer) {
        return context.bind("ops/sgd", "sgd_update", Map.of(), List.of(buffer, buffer, buffer));
    }

    private static void assertClosed(Executable use) {
        String message = assertThrows(IllegalStateException.class, use).getMessage();
        assertEquals("closed", message.substring(message.lastIndexOf(' ') + 1), message);
    }
}
