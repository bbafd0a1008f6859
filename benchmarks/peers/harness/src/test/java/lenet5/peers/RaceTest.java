package lenet5.peers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The entrants are shell scripts that answer with made-up times and write down when they start and end. */
class RaceTest {

    /** One for its loss before and one for after the steps. */
    private static final double[] EXPECTED = {2.5, 2.25};

    private static final int BATCH = 1024;
    private static final int STEPS = 54;

    /** Arguments: name, directory, second loss, seconds a step; these are added up from one process to the next. */
    private static final String SCRIPT = """
            cd "$2"
            echo "$1 starts" >>events
            echo "$4" >>"$1"
            while read -r question first steps; do
                case $question in
                    open) echo "a library's own words"; echo "@$1 1.0" ;;
                    check) echo "@2.5 $3" ;;
                    time) awk -v steps="$steps" '{ sum += $1 } END { print "@" sum * steps }' "$1" ;;
                esac
            done
            echo "$1 ends" >>events
            """;

    @TempDir
    private Path directory;

    private Entrant entrant(String name, String loss, String stepSeconds) {
        List<String> command = List.of("sh", "-c", SCRIPT, "sh", name, directory.toString(), loss, stepSeconds);
        return new Entrant(name, false, command, Map.of(), directory);
    }

    private List<Result> run(double seconds, double longest, Entrant... entrants) {
        Race race = new Race(List.of(entrants), BATCH, EXPECTED, seconds, longest);
        for (int round = 0; round < 3; round++) {
            race.round();
        }
        return race.results();
    }

    private List<String> events() throws IOException {
        return Files.readAllLines(directory.resolve("events"));
    }

    @Test
    void everyRoundStartsEverybodyAfreshOneAfterTheOther() throws IOException {
        run(1, 100, entrant("a", "2.25", "0.5"), entrant("b", "2.25", "0.5"));
        List<String> round = List.of("a starts", "a ends", "b starts", "b ends");
        assertEquals(Stream.of(round, round, round).flatMap(List::stream).toList(), events());
    }

    @Test
    void theSpreadIsThatOfAllProcesses() {
        Result result = run(1, 1000, entrant("a", "2.25", "0.5")).get(0);
        assertNull(result.problem());
        assertEquals(List.of(List.of(27.0), List.of(54.0), List.of(81.0)), result.epochSeconds());
        assertEquals(54, result.median());
        assertTrue(
                result.row().startsWith("| a 1.0 | 1024 | 54.000 (27.000 to 81.000) | 3 in 3 | 1000000 |"),
                result.row());
    }

    @Test
    void shortEpochsAreRepeatedForTheSecondsAsked() {
        Result result = run(10, 100, entrant("a", "2.25", "0.125")).get(0);
        assertEquals(List.of(List.of(6.75, 6.75), List.of(13.5), List.of(20.25)), result.epochSeconds());
        assertEquals((6.75 + 13.5) / 2, result.median());
    }

    @Test
    void ofLongEpochsEveryProcessRunsAsManySteps() {
        Result result = run(1, 13.5, entrant("a", "2.25", "0.5")).get(0);
        assertEquals(STEPS / 2, result.steps());
        assertEquals(List.of(List.of(27.0), List.of(54.0), List.of(81.0)), result.epochSeconds());
        assertTrue(result.row().contains("scaled from 27 of 54 steps"), result.row());
    }

    @Test
    void aWrongLossIsNotTimedAndDoesNotHideOthers() throws IOException {
        List<Result> results = run(1, 100, entrant("wrong", "2.2503", "0.5"), entrant("right", "2.25", "0.5"));
        assertEquals("its loss is not the reference's", results.get(0).problem());
        assertArrayEquals(new double[] {0, 3e-4}, results.get(0).lossErrors(), 1e-12);
        assertTrue(results.get(0).epochSeconds().isEmpty());
        assertTrue(results.get(0).row().contains("unmeasured"), results.get(0).row());
        assertEquals(1, events().stream().filter("wrong starts"::equals).count());
        assertNull(results.get(1).problem());
    }

    @Test
    void aProcessThatEndsGivesItsReason() {
        Entrant broken = new Entrant(
                "broken", false, List.of("sh", "-c", "echo java.lang.Error: no memory >&2"), Map.of(), directory);
        Result result = run(1, 100, broken).get(0);
        assertTrue(result.problem().startsWith("java.lang.Error: no memory"), result.problem());
        assertNull(result.lossErrors());
    }
}
