package lenet5.opencl;

import static org.jocl.CL.*;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lenet5.engine.ProfileRow;
import lenet5.ops.Work;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_event;

/** Sums the device time of launches by kernel, from their events. */
public final class Profile {

    /** Events are read and released in groups of this many, which bounds both the waiting and the handles held. */
    private static final int GROUP = 4096;

    private record Pending(String kernel, cl_event event, Work work) {}

    private static final class Total {
        long launches;
        long nanoseconds;
        long flops;
        long bytes;
    }

    private final List<Pending> pending = new ArrayList<>(GROUP);
    private final Map<String, Total> totals = new LinkedHashMap<>();

    Profile() {}

    void add(String kernel, cl_event event, Work work) {
        pending.add(new Pending(kernel, event, work));
        if (pending.size() == GROUP) {
            collect();
        }
    }

    private void collect() {
        for (Pending launch : pending) {
            clWaitForEvents(1, new cl_event[] {launch.event()});
            Total total = totals.computeIfAbsent(launch.kernel(), name -> new Total());
            total.launches++;
            total.nanoseconds +=
                    time(launch.event(), CL_PROFILING_COMMAND_END) - time(launch.event(), CL_PROFILING_COMMAND_START);
            total.flops += launch.work().flops();
            total.bytes += launch.work().bytes();
            clReleaseEvent(launch.event());
        }
        pending.clear();
    }

    /** Gives back the events that nobody asked for. */
    void discard() {
        pending.forEach(launch -> clReleaseEvent(launch.event()));
        pending.clear();
    }

    void restart() {
        discard();
        totals.clear();
    }

    private static long time(cl_event event, int moment) {
        long[] nanoseconds = new long[1];
        clGetEventProfilingInfo(event, moment, Sizeof.cl_ulong, Pointer.to(nanoseconds), null);
        return nanoseconds[0];
    }

    /** A row a kernel, of whose launches each would take {@code launchSeconds} if it had nothing to do. */
    List<ProfileRow> rows(double launchSeconds) {
        collect();
        double all =
                totals.values().stream().mapToLong(total -> total.nanoseconds).sum();
        return totals.entrySet().stream()
                .map(entry -> row(entry.getKey(), entry.getValue(), all, launchSeconds))
                .sorted(Comparator.comparingDouble(ProfileRow::seconds).reversed())
                .toList();
    }

    private static ProfileRow row(String kernel, Total total, double all, double launchSeconds) {
        double nanoseconds = Math.max(1, total.nanoseconds);
        return new ProfileRow(
                kernel,
                total.launches,
                nanoseconds / 1e9,
                nanoseconds / all,
                Math.min(1, total.launches * launchSeconds * 1e9 / nanoseconds),
                total.flops / nanoseconds,
                total.bytes / nanoseconds);
    }
}
