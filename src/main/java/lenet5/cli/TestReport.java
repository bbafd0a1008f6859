package lenet5.cli;

import lenet5.engine.Engine;
import lenet5.engine.Metrics;
import lenet5.engine.StagedData;

/** Tests what an engine has learned and prints the figures, each under its own name. */
final class TestReport {

    private TestReport() {}

    static Metrics run(Console console, Engine engine, StagedData test) {
        long start = System.nanoTime();
        Metrics metrics = engine.evaluate(test);
        double seconds = (System.nanoTime() - start) / 1e9;
        console.text(
                "%ntest accuracy %.2f %% (%,d of %,d), error rate %.2f %%, loss %.4f",
                100 * metrics.accuracy(),
                metrics.correct(),
                metrics.total(),
                100 * metrics.errorRate(),
                metrics.loss());
        console.event(
                "test",
                "loss",
                metrics.loss(),
                "accuracy",
                metrics.accuracy(),
                "error_rate",
                metrics.errorRate(),
                "correct",
                metrics.correct(),
                "total",
                metrics.total(),
                "seconds",
                seconds);
        return metrics;
    }
}
