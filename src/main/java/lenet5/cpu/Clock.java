package lenet5.cpu;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import lenet5.engine.ProfileRow;

/** What one worker's time goes to. One that does not run costs a comparison. */
final class Clock {

    private record Time(long nanoseconds, long runs, double multiplyAdds) {

        private static final Time NONE = new Time(0, 0, 0);

        Time plus(Time other) {
            return new Time(nanoseconds + other.nanoseconds, runs + other.runs, multiplyAdds + other.multiplyAdds);
        }
    }

    private final boolean running;
    private final Map<String, Time> times = new LinkedHashMap<>();
    private long last;

    Clock(boolean running) {
        this.running = running;
    }

    /** What went before counts nowhere. */
    void start() {
        if (running) {
            last = System.nanoTime();
        }
    }

    void lap(String activity) {
        lap(activity, 0);
    }

    /** The time since the last call went to {@code activity}. */
    void lap(String activity, double multiplyAdds) {
        if (running) {
            times.merge(activity, new Time(System.nanoTime() - last, 1, multiplyAdds), Time::plus);
            last = System.nanoTime();
        }
    }

    /** What took longest first; seconds are the mean of the workers'. */
    static List<ProfileRow> rows(List<Clock> clocks) {
        Map<String, Time> totals = new LinkedHashMap<>();
        clocks.forEach(clock -> clock.times.forEach((activity, time) -> totals.merge(activity, time, Time::plus)));
        double all = totals.values().stream().mapToLong(Time::nanoseconds).sum();
        List<ProfileRow> rows = new ArrayList<>();
        totals.forEach((activity, time) -> {
            double nanoseconds = (double) time.nanoseconds / clocks.size();
            rows.add(new ProfileRow(
                    activity,
                    time.runs,
                    nanoseconds / 1e9,
                    time.nanoseconds / all,
                    0,
                    2 * time.multiplyAdds / nanoseconds,
                    0));
        });
        rows.sort(Comparator.comparingDouble(ProfileRow::seconds).reversed());
        return rows;
    }
}
