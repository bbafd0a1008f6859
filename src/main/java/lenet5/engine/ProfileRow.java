package lenet5.engine;

/**
 * What one activity takes of an engine's time.
 *
 * @param activity a kernel's name, or a layer and its pass
 * @param runs how often it ran
 * @param seconds it took in all; on several threads of the host the mean of them
 * @param fraction of the seconds of all activities, 0 to 1
 * @param launching of these seconds, what the launches would take if they had nothing to do, 0 to 1; 0 where nothing is launched
 * @param gigaflops useful operations a nanosecond, 0 where none were declared
 * @param gigabytes useful bytes a nanosecond, 0 where none were declared
 */
public record ProfileRow(
        String activity,
        long runs,
        double seconds,
        double fraction,
        double launching,
        double gigaflops,
        double gigabytes) {}
