package lenet5.opencl.fused.plan;

import java.util.List;

/** Lines of OpenCL C that a program is written of. */
public final class SourceText {

    private SourceText() {}

    public static String define(String macro, Object value) {
        return "#define " + macro + " " + value;
    }

    /** A macro that is defined anew, whether it was or not. */
    public static List<String> redefine(String macro, Object value) {
        return List.of(undefine(macro), define(macro, value));
    }

    public static String undefine(String macro) {
        return "#undef " + macro;
    }

    public static String include(String file) {
        return "#include \"" + file + ".cl\"";
    }

    /** A macro of several lines. */
    public static String macro(String name, List<String> lines) {
        return "#define " + name + " \\\n    " + String.join(" \\\n    ", lines) + "\n";
    }

    /** What a file is included with that names its functions by {@code ending}. */
    public static List<String> named(String ending, KernelCalls.Spaces spaces) {
        return List.of(
                undefine("IN"),
                undefine("OUT"),
                undefine("WEIGHTS"),
                undefine("NAMED"),
                define("IN", spaces.in()),
                define("OUT", spaces.out()),
                define("WEIGHTS", spaces.weights()),
                define("NAMED(function)", "function##" + ending));
    }
}
