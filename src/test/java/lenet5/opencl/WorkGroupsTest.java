package lenet5.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a driver's compiler is spared. */
class WorkGroupsTest {

    private static final String SOURCE = """
            #ifndef TILE
            #define TILE 8 // work-items beside one another
            #endif
            #define WIDTH (W - 2 * BORDER + 1)
            __kernel __attribute__((reqd_work_group_size(TILE, WIDTH, 2)))
            """;

    /** 8 or another number times a width times 2, at most 256. */
    @ParameterizedTest
    @CsvSource({"8, 20, 2, false", "8, 19, 2, true", "1, 131, 2, true", "8, 4, 2, true"})
    void extentsAreWhatTheMacrosMakeOfThem(int tile, int width, int border, boolean fits) {
        Map<String, Integer> defines = Map.of("TILE", tile, "W", width, "BORDER", border);
        assertEquals(
                fits,
                WorkGroups.problem(SOURCE, defines, 256).isEmpty(),
                () -> WorkGroups.problem(SOURCE, defines, 256).toString());
    }

    @Test
    void defaultsCountWhereNothingElseIsGiven() {
        Map<String, Integer> defines = Map.of("W", 7, "BORDER", 0);
        assertEquals(Optional.empty(), WorkGroups.problem(SOURCE, defines, 128));
        assertEquals(
                Optional.of("reqd_work_group_size(TILE, WIDTH, 2) is 128 work-items, the device takes 1 to 127"),
                WorkGroups.problem(SOURCE, defines, 127));
    }

    @Test
    void noExtentIsLessThanOne() {
        assertEquals(
                Optional.of("reqd_work_group_size(TILE, WIDTH, 2) has an extent of -1, expected at least 1"),
                WorkGroups.problem(SOURCE, Map.of("TILE", -1, "W", 4, "BORDER", 3), 256));
        assertEquals(
                Optional.of("reqd_work_group_size(TILE, WIDTH, 2) has an extent of 0, expected at least 1"),
                WorkGroups.problem(SOURCE, Map.of("W", 5, "BORDER", 3), 256));
    }

    @Test
    void extentsThatOverflowAreRefused() {
        int most = Integer.MAX_VALUE;
        String source = "reqd_work_group_size(A * B, A * B, A)";
        assertEquals(
                Optional.of(source + ": long overflow"), WorkGroups.problem(source, Map.of("A", most, "B", most), 256));
    }

    @Test
    void whatIsNoSumOfProductsIsRefused() {
        String source = "#define HALF (N / 2)\nreqd_work_group_size(HALF, 1, 1)";
        assertEquals(
                Optional.of("reqd_work_group_size(HALF, 1, 1): '(((4)/2))' is not made of whole numbers, +, -, * and"
                        + " parentheses"),
                WorkGroups.problem(source, Map.of("N", 4), 256));
    }

    @Test
    void whatIsNotDefinedIsLeftToTheCompiler() {
        assertEquals(Optional.empty(), WorkGroups.problem("reqd_work_group_size(NOWHERE, 1, 1)", Map.of(), 256));
    }
}
