package lenet5.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import lenet5.ChildJvm.Result;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Runs commands in this JVM and checks how they end. */
final class Commands {

    private static final JsonMapper JSON = new JsonMapper();

    private Commands() {}

    static List<JsonNode> events(Result result) {
        return result.out().lines().map(JSON::readTree).toList();
    }

    static void assertFields(JsonNode event, String fields) {
        assertEquals(new TreeSet<>(Set.of(fields.split(" "))), new TreeSet<>(event.propertyNames()));
    }

    static Result succeed(String... arguments) {
        Result result = run(arguments);
        assertEquals(0, result.exitCode(), result::toString);
        return result;
    }

    /** Runs a command that is to end with {@code code}, one line that contains {@code reason}, and nothing done. */
    static void fail(int code, String reason, String... arguments) {
        Result result = run(arguments);
        assertEquals(code, result.exitCode(), result::toString);
        assertEquals("", result.out());
        String last = result.err().lines().reduce("", (first, second) -> second);
        assertTrue(last.startsWith("lenet5: ") && last.contains(reason), result::toString);
    }

    static Result run(String... arguments) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
        ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
        System.setOut(new PrintStream(outBytes, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(errBytes, true, StandardCharsets.UTF_8));
        try {
            int exitCode = RootCommand.run(arguments);
            Result result = new Result(
                    exitCode, outBytes.toString(StandardCharsets.UTF_8), errBytes.toString(StandardCharsets.UTF_8));
            assertFalse(result.err().contains("\tat "), result::toString);
            return result;
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }
}
