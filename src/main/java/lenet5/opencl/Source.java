package lenet5.opencl;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.io.IOUtils;

/**
 * OpenCL C that can be compiled: every {@code #include "FILE.cl"} is replaced by that file of {@code kernels/}, since
 * drivers know no class path.
 *
 * @param name what messages call it
 * @param text the source itself
 */
record Source(String name, String text) {

    private static final Pattern INCLUDE = Pattern.compile("(?m)^#include \"(\\w+)\\.cl\"$");

    /**
     * Replaces the includes.
     *
     * @throws UncheckedIOException if a file is not there
     */
    Source {
        text = INCLUDE.matcher(text).replaceAll(include -> Matcher.quoteReplacement(file(include.group(1)).text));
    }

    /**
     * The source {@code kernels/FILE.cl}.
     *
     * @throws UncheckedIOException if it is not there
     */
    static Source file(String file) {
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
