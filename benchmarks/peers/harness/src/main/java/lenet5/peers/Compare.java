package lenet5.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.stream.Stream;
import lenet5.bench.Contender;
import lenet5.bench.Floor;
import lenet5.bench.Floors;
import lenet5.bench.Machine;
import lenet5.engines.Kind;
import lenet5.io.AtomicFiles;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.json.JsonMapper;

/** Trains LeNet-5 with every library in turn, round by round, and prints who is how fast; progress on standard error. */
@Command(
        name = "benchmarks/peers/run",
        mixinStandardHelpOptions = true,
        description = "Compares this library's engines with PyTorch, TensorFlow and Deeplearning4j on the same work.")
final class Compare implements Callable<Integer> {

    /** The main class of each peer's module; the key is the module's directory. */
    private static final Map<String, String> PEERS = Map.of(
            "pytorch", "lenet5.peers.pytorch.PyTorch",
            "tensorflow", "lenet5.peers.tensorflow.TensorFlowJava",
            "dl4j", "lenet5.peers.dl4j.Deeplearning4j");

    /**
     * What a peer needs to run at its best. Each further arena of glibc's allocator gives whole heaps back, whatever its
     * thresholds, and PyTorch faults them in again; TensorFlow, whose threads all allocate, is slower with one arena.
     */
    private static final Map<String, Map<String, String>> BEST = Map.of("pytorch", Map.of("MALLOC_ARENA_MAX", "1"));

    @Option(
            names = "--rounds",
            defaultValue = "6",
            description = "Rounds; each starts everybody afresh, one after the other. Default: ${DEFAULT-VALUE}.")
    private int rounds;

    @Option(
            names = "--seconds",
            defaultValue = "5",
            description =
                    "Seconds that everybody is timed for in a round, one epoch at least. Default: ${DEFAULT-VALUE}.")
    private double seconds;

    @Option(
            names = "--batches",
            split = ",",
            defaultValue = "32,1024",
            description = "Images a step. Default: ${DEFAULT-VALUE}.")
    private List<Integer> batches;

    @Option(
            names = "--engines",
            split = ",",
            description = "Engines of this library. Default: all but the reference, which is slow.")
    private List<String> engines;

    @Option(
            names = "--peers",
            split = ",",
            defaultValue = "pytorch,tensorflow,dl4j",
            description = "Other libraries. Default: ${DEFAULT-VALUE}.")
    private List<String> peers;

    @Option(
            names = "--longest",
            defaultValue = "10",
            description =
                    "Seconds an epoch may take; of a longer one only the first steps that fit are run and scaled, "
                            + "which the row says. Default: ${DEFAULT-VALUE}.")
    private double longest;

    @Parameters(index = "0", hidden = true, description = "The directory of the peers' build.")
    private Path build;

    @Parameters(index = "1", hidden = true, description = "The directory of the results.")
    private Path results;

    @Parameters(index = "2", hidden = true, description = "The commit measured.")
    private String commit;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec command;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Compare()).execute(arguments));
    }

    @Override
    public Integer call() throws IOException {
        if (rounds < 1) {
            throw new CommandLine.ParameterException(
                    command.commandLine(), "--rounds is " + rounds + ", expected 1 or more");
        }
        List<Contender> contenders = Contender.all();
        if (engines == null) {
            engines = contenders.stream()
                    .map(Contender::engine)
                    .filter(name -> !name.equals(Kind.reference.name()))
                    .distinct()
                    .toList();
        }
        Floor floor = new Floors(contenders).of(Contender.reference()); // first, while the machine is quiet
        Workload workload = Workload.synthetic();
        List<Entrant> entrants = entrants();
        List<Race> races = new ArrayList<>();
        for (int batchSize : batches) {
            races.add(new Race(entrants, batchSize, expected(workload, batchSize), seconds, longest));
        }
        for (int round = 1; round <= rounds; round++) {
            races.forEach(Race::round); // all in every round, so that each has its share of what the machine does
        }
        List<Result> all =
                races.stream().flatMap(race -> race.results().stream()).toList();
        print(all, floor);
        write(all, floor);
        return all.stream().allMatch(result -> result.problem() == null) ? 0 : 1;
    }

    private static double[] expected(Workload workload, int batchSize) {
        try (Peer reference = Ours.open(Contender.reference(), workload, batchSize)) {
            return Worker.losses(reference, workload, batchSize, Race.CHECKED_STEPS);
        }
    }

    private List<Entrant> entrants() throws IOException {
        List<Entrant> entrants = new ArrayList<>();
        for (String engine : engines) {
            entrants.add(Entrant.java(engine, true, build, "harness", Ours.class.getName(), Map.of()));
        }
        for (String peer : peers) {
            String mainClass = PEERS.get(peer);
            if (mainClass == null) {
                throw new CommandLine.ParameterException(
                        command.commandLine(), "unknown peer '" + peer + "', expected some of " + PEERS.keySet());
            }
            entrants.add(Entrant.java(peer, false, build, peer, mainClass, BEST.getOrDefault(peer, Map.of())));
        }
        return entrants;
    }

    private void print(List<Result> all, Floor floor) {
        print("%n%s, %s, commit %s%n`%s`%n", Machine.current(), now(), commit, commandLine());
        print(
                "Floor of the processor: %.0f GFLOP/s measured, %.3f s an epoch; %d threads each; %d rounds, a process each.%n",
                floor.gigaflops(), floorSeconds(floor), Machine.current().threads(), rounds);
        print(Result.HEADING, Race.CHECKED_STEPS);
        all.forEach(result -> print("%s", result.row()));
        print("%n| machine | date, commit | command | batch | floor | ours | best peer | ours / best peer |");
        print("|---|---|---|---:|---:|---:|---:|---:|");
        for (int batchSize : batches) {
            Optional<Result> ours = best(all, batchSize, Result::ours);
            Optional<Result> peer = best(all, batchSize, result -> !result.ours());
            print(
                    "| %s, %d threads | %s, %s | `%s` | %d | %.3f s | %s | %s | %s |",
                    Machine.current().processor(),
                    Machine.current().threads(),
                    now(),
                    commit,
                    commandLine(),
                    batchSize,
                    floorSeconds(floor),
                    cell(ours),
                    cell(peer),
                    ours.isPresent() && peer.isPresent()
                            ? String.format(
                                    Locale.ROOT,
                                    "%.3f",
                                    ours.get().median() / peer.get().median())
                            : "unmeasured");
        }
    }

    private static String cell(Optional<Result> result) {
        return result.map(one -> String.format(Locale.ROOT, "%.3f s (%s)", one.median(), one.name()))
                .orElse("unmeasured");
    }

    private static Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.MINUTES);
    }

    private static Optional<Result> best(List<Result> all, int batchSize, Predicate<Result> wanted) {
        return all.stream()
                .filter(result -> result.batchSize() == batchSize && result.problem() == null)
                .filter(wanted)
                .min(Comparator.comparingDouble(Result::median));
    }

    private void write(List<Result> all, Floor floor) throws IOException {
        Map<String, Object> record = new LinkedHashMap<>();
        record.put("date", now().toString());
        record.put("commit", commit);
        record.put("command", commandLine());
        record.put("machine", Machine.current());
        record.put(
                "devices",
                Contender.all().stream()
                        .filter(Contender::isOpenCl)
                        .map(contender -> contender.device().facts())
                        .distinct()
                        .toList());
        record.put("floor", floor);
        record.put("floor_seconds_an_epoch", floorSeconds(floor));
        record.put("results", all);
        Files.createDirectories(results);
        Path file = results.resolve("peers-" + now().toString().replace(":", "") + ".json");
        AtomicFiles.write(
                file,
                JsonMapper.builder().build().writerWithDefaultPrettyPrinter().writeValueAsBytes(record));
        System.err.println("written to " + file);
    }

    private double floorSeconds(Floor floor) {
        return floor.seconds(Workload.network(), Workload.IMAGES);
    }

    private String commandLine() {
        Stream<String> given = command.commandLine().getParseResult().originalArgs().stream()
                .limit(Math.max(
                        0, command.commandLine().getParseResult().originalArgs().size() - 3));
        return String.join(" ", Stream.concat(Stream.of(command.name()), given).toList());
    }

    private static void print(String format, Object... values) {
        System.out.printf(Locale.ROOT, format + "%n", values);
    }
}
