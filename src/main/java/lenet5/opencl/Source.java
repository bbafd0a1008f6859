package lenet5.opencl;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import lenet5.ops.RationalTanh;
import org.apache.commons.io.IOUtils;

/**
 * OpenCL C that can be compiled: every {@code #include "FILE.cl"} is replaced by that file of {@code kernels/}, or one that
 * Java writes, since drivers know no class path.
 *
 * @param name what messages call it
 * @param text the source itself
 */
public record Source(String name, String text) {

    /** Files that Java writes, with numbers that it needs as well. */
    private static final Map<String, String> WRITTEN = Map.of("common/tanh_coefficients", RationalTanh.macros());

    private static final Pattern INCLUDE = Pattern.compile("(?m)^#include \"([\\w/]+)\\.cl\"$");

    /**
     * Replaces the includes.
     *
     * @throws UncheckedIOException if a file is not there
     */
    public Source {
        text = INCLUDE.matcher(text).replaceAll(include -> Matcher.quoteReplacement(included(include.group(1))));
    }

    private static String included(String file) {
        return WRITTEN.containsKey(file) ? WRITTEN.get(file) : file(file).text;
    }

    /**
     * The source {@code kernels/FILE.cl}.
     *
     * @throws UncheckedIOException if it is not there
     */
    public static Source file(String file) {
        String name = "kernels/" + file + ".cl";
        try {
            return new Source(name, IOUtils.resourceToString("/" + name, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(name + " is not on the class path", e);
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
