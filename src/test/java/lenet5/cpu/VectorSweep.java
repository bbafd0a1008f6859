package lenet5.cpu;

import lenet5.engine.Engine;
import lenet5.engine.SelfTest;
import lenet5.engine.Settings;
import lenet5.nn.Models;
import lenet5.nn.Network;

/** The vector arithmetic of this JVM's width against sums in double, and a network on it against the reference. */
final class VectorSweep {

    private VectorSweep() {}

    public static void main(String[] arguments) {
        Arithmetic arithmetic = Arithmetic.best();
        ArithmeticTest test = new ArithmeticTest();
        test.multipliesEveryShape(arithmetic);
        test.convolvesEveryShape(arithmetic);
        test.poolsEveryWidth(arithmetic);
        test.tanhIsAccurateEverywhere(arithmetic);
        Network network = Models.lenet5();
        Settings settings = new Settings(3, 1);
        try (Engine engine = new CpuEngine(network, settings)) {
            SelfTest.run(engine, network, settings);
        }
        System.out.println("swept " + arithmetic.lanes() + " lanes");
    }
}
