package lenet5.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.Callable;
import lenet5.bench.Chart;
import lenet5.bench.Comparison;
import lenet5.bench.Contender;
import lenet5.bench.Floor;
import lenet5.bench.Floors;
import lenet5.bench.Machine;
import lenet5.bench.Stopwatch;
import lenet5.data.LabeledImages;
import lenet5.data.synthetic.SyntheticDigits;
import lenet5.nn.Models;
import lenet5.nn.Network;
import lenet5.opencl.Devices;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Compares every engine on every device of this machine with one another and with what the hardware can do. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description =
                "Compares the CPU with OpenCL on this machine, in less than two minutes: trains LeNet-5 on synthetic "
                        + "digits with every engine, checked against the reference first.")
final class BenchCommand implements Callable<Integer> {

    private static final long SEED = 1;

    @Mixin
    private Console console;

    @Option(
            names = "--batch-sizes",
            split = ",",
            defaultValue = "32,256,1024",
            description = "Images a step. Default: ${DEFAULT-VALUE}.")
    private List<Integer> batchSizes;

    @Option(
            names = "--seconds",
            defaultValue = "60",
            description = "About how long to train in all, checks aside. An epoch that does not fit is measured on its "
                    + "first steps and scaled. Default: ${DEFAULT-VALUE}.")
    private double seconds;

    @Option(
            names = "--images",
            defaultValue = "55000",
            description = "Images of an epoch. Default: ${DEFAULT-VALUE}, as many as MNIST trains on.")
    private int images;

    @Option(names = "--out", paramLabel = "FILE", description = "Draw a chart there, PNG or SVG by the file's ending.")
    private Path out;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() throws IOException {
        requireSensible();
        console.text("%s", Machine.current());
        List<Contender> contenders = Contender.all();
        if (contenders.stream().noneMatch(Contender::isOpenCl)) {
            console.message("no OpenCL device ("
                    + String.join("; ", Devices.discover().problems()) + "); comparing the CPU engines");
        }
        Network network = Models.lenet5();
        LabeledImages data = SyntheticDigits.splits(SEED, images, 1, 1).train();
        Floors floors = new Floors(contenders);
        printFloors(contenders, floors, network);
        console.text(
                "%n%-10s %6s %10s %12s %12s %9s  %s",
                "engine", "batch", "s/epoch", "images/s", "us/step", "of floor", "device");
        double budget = seconds / (contenders.size() * batchSizes.size());
        Comparison comparison = new Comparison(network, data, new Stopwatch(budget));
        List<Comparison.Row> rows = comparison.run(
                contenders,
                batchSizes,
                row -> print(row, floors.of(row.contender()).seconds(network, images)));
        if (rows.stream().flatMap(row -> row.time().stream()).anyMatch(Stopwatch.Time::isScaled)) {
            console.text("* measured on the first steps of an epoch and scaled");
        }
        printCrossover(rows);
        if (out != null) {
            Chart.write(out, "LeNet-5 training, " + Machine.current().processor(), rows);
            console.message("chart written to " + out);
        }
        return rows.stream().allMatch(row -> row.problem().isEmpty()) ? 0 : 1;
    }

    private void printFloors(List<Contender> contenders, Floors floors, Network network) {
        Set<String> places = new HashSet<>();
        for (Contender contender : contenders) {
            if (places.add(contender.place())) {
                Floor floor = floors.of(contender);
                double floorSeconds = floor.seconds(network, images);
                console.text(
                        "floor of %s: %,.0f GFLOP/s, %,.0f GB/s copied; an epoch in %.4f s",
                        contender.place(), floor.gigaflops(), floor.gigabytes(), floorSeconds);
                console.event(
                        "floor",
                        "device",
                        contender.place(),
                        "gigaflops",
                        floor.gigaflops(),
                        "gigabytes",
                        floor.gigabytes(),
                        "epoch_seconds",
                        floorSeconds);
            }
        }
    }

    private void print(Comparison.Row row, double floorSeconds) {
        Contender contender = row.contender();
        row.problem().ifPresent(problem -> {
            console.text(
                    "%-10s %6d not timed, %s  %s", contender.engine(), row.batchSize(), problem, contender.place());
            console.event(
                    "bench",
                    "engine",
                    contender.engine(),
                    "device",
                    contender.place(),
                    "batch_size",
                    row.batchSize(),
                    "problem",
                    problem);
        });
        row.time().ifPresent(time -> {
            console.text(
                    "%-10s %6d %9.3f%s %,12.0f %,12.1f %8.1f%%  %s",
                    contender.engine(),
                    row.batchSize(),
                    time.epochSeconds(),
                    time.isScaled() ? "*" : " ",
                    time.imagesPerSecond(),
                    1e6 * time.stepSeconds(),
                    100 * floorSeconds / time.epochSeconds(),
                    contender.place());
            console.event(
                    "bench",
                    "engine",
                    contender.engine(),
                    "device",
                    contender.place(),
                    "batch_size",
                    row.batchSize(),
                    "epoch_seconds",
                    time.epochSeconds(),
                    "images_per_second",
                    time.imagesPerSecond(),
                    "step_seconds",
                    time.stepSeconds(),
                    "floor_share",
                    floorSeconds / time.epochSeconds(),
                    "steps",
                    time.steps(),
                    "epoch_steps",
                    time.epochSteps());
        });
    }

    private void printCrossover(List<Comparison.Row> rows) {
        if (rows.stream().noneMatch(row -> row.contender().isOpenCl())) {
            return;
        }
        OptionalInt crossover = Comparison.crossover(rows);
        console.text(
                "%n%s",
                crossover.isPresent()
                        ? "OpenCL overtakes the CPU engines at batch size " + crossover.getAsInt()
                        : "OpenCL does not overtake the CPU engines at these batch sizes");
        console.event("crossover", "batch_size", crossover.isPresent() ? crossover.getAsInt() : null);
    }

    private void requireSensible() {
        try {
            if (out != null) {
                Chart.requireKnownFormat(out);
            }
            int largest = Collections.max(batchSizes);
            if (Collections.min(batchSizes) < 1 || largest > images) {
                throw new IllegalArgumentException(
                        "--batch-sizes " + batchSizes + ", expected 1 to the number of images, " + images);
            }
            if (!(seconds > 0)) {
                throw new IllegalArgumentException("--seconds " + seconds + ", expected a positive number");
            }
        } catch (IllegalArgumentException e) {
            throw new CommandLine.ParameterException(command.commandLine(), e.getMessage(), e);
        }
    }
}
