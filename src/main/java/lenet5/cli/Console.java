package lenet5.cli;

import java.io.PrintWriter;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import lenet5.data.DownloadProgress;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

/** Results on standard output, as text or as JSON lines; messages and progress on standard error. */
final class Console {

    private static final JsonMapper JSON = new JsonMapper();

    @Option(names = "--json", description = "Print one JSON object a line on standard output, and nothing else there.")
    private boolean json;

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    /** A line for people, on standard error. */
    void message(String line) {
        err().println(line);
    }

    /** A result for people, on standard output; nothing under {@code --json}. */
    void text(String format, Object... values) {
        if (!json) {
            out().printf(Locale.ROOT, format + "%n", values);
            out().flush();
        }
    }

    /** A result for programs, on standard output; nothing without {@code --json}. */
    void event(String name, Object... keysAndValues) {
        if (json) {
            Map<String, Object> event = new LinkedHashMap<>();
            event.put("event", name);
            for (int i = 0; i < keysAndValues.length; i += 2) {
                event.put((String) keysAndValues[i], keysAndValues[i + 1]);
            }
            out().println(JSON.writeValueAsString(event));
            out().flush();
        }
    }

    /** Whether a person watches, so that progress may be drawn over itself. */
    boolean isInteractive() {
        return !json && Ansi.AUTO.enabled();
    }

    /** A bar on standard error; draw one only if {@link #isInteractive}. */
    ProgressBar progressBar(String task, String unit, long unitSize, long total) {
        return new ProgressBarBuilder()
                .setTaskName(task)
                .setInitialMax(total)
                .setUnit(unit, unitSize)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(200)
                .build();
    }

    /** Draws downloads as bars on a terminal, elsewhere as a line a file. */
    DownloadProgress downloads() {
        Map<String, ProgressBar> bars = new HashMap<>();
        return (file, received, total) -> {
            boolean complete = received == total;
            if (isInteractive()) {
                ProgressBar bar = bars.computeIfAbsent(file, name -> progressBar(name, " KiB", 1024, total));
                bar.maxHint(total);
                bar.stepTo(received);
                if (complete) {
                    bar.close();
                    bars.remove(file);
                }
            } else if (complete) {
                message("downloaded " + file + ", " + received + " bytes");
            }
        };
    }

    private PrintWriter out() {
        return command.commandLine().getOut();
    }

    private PrintWriter err() {
        return command.commandLine().getErr();
    }
}
