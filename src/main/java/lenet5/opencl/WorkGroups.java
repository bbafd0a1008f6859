package lenet5.opencl;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * The work-groups that a program's kernels ask for, checked before a driver's compiler sees them: NVIDIA's ends the process
 * over a negative extent.
 */
final class WorkGroups {

    private static final Pattern REQUIRED = Pattern.compile("reqd_work_group_size\\(([^,()]+),([^,()]+),([^,()]+)\\)");
    private static final Pattern DEFINE = Pattern.compile("(?m)^#define (\\w+) +(.*?)(//.*)?$");
    private static final Pattern NAME = Pattern.compile("[A-Za-z_]\\w*");

    private final Map<String, String> macros = new HashMap<>();

    /** The macros of {@code text} where they are first defined, unless {@code defines} has them. */
    private WorkGroups(String text, Map<String, Integer> defines) {
        DEFINE.matcher(text).results().forEach(define -> macros.putIfAbsent(define.group(1), define.group(2)));
        defines.forEach((name, value) -> macros.put(name, value.toString()));
    }

    /**
     * What is wrong with a kernel's work-groups, naming their extents as the source has them; empty if all have 1 to {@code
     * most} work-items. A macro that is not defined is no problem: its kernel is left out, or the compiler says so.
     */
    static Optional<String> problem(String text, Map<String, Integer> defines, long most) {
        WorkGroups groups = new WorkGroups(text, defines);
        return REQUIRED.matcher(text)
                .results()
                .filter(groups::isDefined)
                .flatMap(required -> groups.problem(required, most).stream())
                .findFirst();
    }

    private boolean isDefined(MatchResult required) {
        return IntStream.rangeClosed(1, required.groupCount())
                .noneMatch(axis -> NAME.matcher(expand(required.group(axis))).find());
    }

    private Optional<String> problem(MatchResult required, long most) {
        try {
            long size = 1;
            for (int axis = 1; axis <= required.groupCount(); axis++) {
                long extent = IntExpression.evaluate(expand(required.group(axis)));
                if (extent < 1) {
                    return Optional.of(required.group() + " has an extent of " + extent + ", expected at least 1");
                }
                size = Math.multiplyExact(size, extent);
            }
            return size <= most
                    ? Optional.empty()
                    : Optional.of(required.group() + " is " + size + " work-items, the device takes 1 to " + most);
        } catch (ArithmeticException | IllegalArgumentException e) {
            return Optional.of(required.group() + ": " + e.getMessage());
        }
    }

    /** {@code expression} with values in the place of macros that are defined. */
    private String expand(String expression) {
        String expanded = expression;
        for (int depth = 0; depth <= macros.size() && NAME.matcher(expanded).find(); depth++) {
            expanded = NAME.matcher(expanded)
                    .replaceAll(name -> macros.containsKey(name.group())
                            ? Matcher.quoteReplacement("(" + macros.get(name.group()) + ")")
                            : Matcher.quoteReplacement(name.group()));
        }
        return expanded;
    }
}
