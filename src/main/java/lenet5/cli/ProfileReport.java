package lenet5.cli;

import java.util.List;
import java.util.Locale;
import lenet5.engine.ProfileRow;
import lenet5.opencl.Footprint;

/** Prints what each part of an engine's work cost. */
final class ProfileReport {

    private ProfileReport() {}

    static void print(Console console, List<ProfileRow> rows) {
        console.text(
                "%n%-34s %9s %9s %7s %8s %9s %8s",
                "activity", "runs", "seconds", "share", "launches", "GFLOP/s", "GB/s");
        for (ProfileRow row : rows) {
            console.text(
                    "%-34s %,9d %9.3f %6.1f%% %8s %9.2f %8.2f",
                    row.activity(),
                    row.runs(),
                    row.seconds(),
                    100 * row.fraction(),
                    row.launching() > 0 ? String.format(Locale.ROOT, "%.1f%%", 100 * row.launching()) : "",
                    row.gigaflops(),
                    row.gigabytes());
            console.event(
                    "profile",
                    "activity",
                    row.activity(),
                    "runs",
                    row.runs(),
                    "seconds",
                    row.seconds(),
                    "share",
                    row.fraction(),
                    "launching",
                    row.launching(),
                    "gigaflops",
                    row.gigaflops(),
                    "gigabytes",
                    row.gigabytes());
        }
    }

    static void print(Console console, Footprint footprint) {
        console.text(
                "%na step of %d images: %s, %,d bytes moved; workspace %,d bytes an image, local memory %,d bytes a "
                        + "work-group",
                footprint.batchSize(),
                footprint.launches() == 0 ? "one launch an epoch" : footprint.launches() + " launches",
                footprint.bytes(),
                footprint.imageBytes(),
                footprint.localBytes());
        console.event("footprint", "step", footprint);
    }
}
