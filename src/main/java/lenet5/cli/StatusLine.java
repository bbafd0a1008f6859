package lenet5.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;

/** The terminal's last line, where a progress bar is drawn over itself while results scroll by above it. */
final class StatusLine extends ConsoleProgressBarConsumer {

    /** Back to the first column, and erase to the end of the line. */
    private static final String ERASE = "\r\u001b[K";

    private static final int USUAL_COLUMNS = 80;

    private final PrintStream terminal;
    private String bar = "";
    private boolean dropped;

    /** The width is found here: the library would ask JLine, which takes Ctrl-C from the JVM and its shutdown hooks. */
    StatusLine(PrintStream terminal) {
        super(terminal, columns() - 1);
        this.terminal = terminal;
    }

    /** The terminal's width, as {@code stty} tells it in {@code "rows columns"}. */
    private static int columns() {
        try {
            Process stty = new ProcessBuilder("stty", "size")
                    .redirectInput(ProcessBuilder.Redirect.INHERIT)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String size = new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            int columns = Integer.parseInt(size.strip().replaceFirst(".* ", ""));
            return columns > 0 ? columns : USUAL_COLUMNS;
        } catch (IOException | NumberFormatException e) {
            return USUAL_COLUMNS; // Windows has no stty
        }
    }

    @Override
    public synchronized void accept(String drawn) {
        if (!dropped) {
            bar = drawn;
            super.accept(drawn);
            terminal.flush();
        }
    }

    /** Prints whole lines above the bar. */
    synchronized void above(Runnable lines) {
        terminal.print(ERASE);
        terminal.flush();
        lines.run();
        accept(bar);
    }

    /** Erases the bar for good. */
    synchronized void drop() {
        terminal.print(ERASE);
        terminal.flush();
        dropped = true;
    }

    /** Leaves the bar as it stands. */
    @Override
    public synchronized void close() {
        super.close();
    }
}
