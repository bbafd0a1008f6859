package lenet5.data;

/** Hears how a download goes on, on the thread that asked for it. */
@FunctionalInterface
public interface DownloadProgress {

    /**
     * Called a few times a second while a file comes in, and once more when all of it is there.
     *
     * @param file the file's name
     * @param received bytes so far; starts again at 0 if another mirror takes over
     * @param total the file's bytes, or -1 if the server did not say
     */
    void report(String file, long received, long total);
}
