package lenet5.cli;

import java.io.PrintWriter;
import java.time.Duration;
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

    /** Where a bar is drawn now, if one is. */
    private volatile StatusLine status;

    /** A line for people, on standard error. */
    void message(String line) {
        print(() -> command.commandLine().getErr().println(line));
    }

    /** A result for people, on standard output; nothing under {@code --json}. */
    void text(String format, Object... values) {
        if (!json) {
            print(() -> {
                out().printf(Locale.ROOT, format + "%n", values);
                out().flush();
            });
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

    private void print(Runnable lines) {
        StatusLine line = status;
        if (line == null) {
            lines.run();
        } else {
            line.above(lines);
        }
    }

    /**
     * A bar on standard error, one at a time; draw one only if {@link #isInteractive}, and end it with {@link #end}.
     *
     * @param from what was done before it started
     */
    ProgressBar progressBar(String task, String unit, long unitSize, long from, long total) {
        status = new StatusLine(System.err);
        return new ProgressBarBuilder()
                .setConsumer(status)
                .setTaskName(task)
                .startsFrom(from, Duration.ZERO)
                .setInitialMax(total)
                .setUnit(unit, unitSize)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(200)
                .build();
    }

    /** Draws {@code bar} for the last time. */
    void end(ProgressBar bar) {
        bar.close();
        status = null;
    }

    /** Erases the bar, if one is drawn, for what ends the program before its time. */
    void dropBar() {
        StatusLine line = status;
        if (line != null) {
            line.drop();
        }
    }

    /** Draws downloads as bars on a terminal, elsewhere as a line a file. */
    DownloadProgress downloads() {
        Map<String, ProgressBar> bars = new HashMap<>();
        return (file, received, total) -> {
            boolean complete = received == total;
            if (isInteractive()) {
                ProgressBar bar = bars.computeIfAbsent(file, name -> progressBar(name, " KiB", 1024, 0, total));
                bar.maxHint(total);
                bar.stepTo(received);
                if (complete) {
                    end(bar);
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
}
