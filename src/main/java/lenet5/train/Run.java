package lenet5.train;

import lenet5.engine.Settings;

/**
 * What a run was asked, in the words of the command line, and where and on what it ran: enough to go on with it.
 *
 * @param options of the trainer
 * @param settings of the engine
 * @param every epochs between checkpoints, at least 1
 * @param data where the images were asked from
 * @param device the device asked for
 * @param engine the engine asked for
 * @param variant the variant of it that was asked for
 * @param images the fingerprint of the images found, {@link lenet5.data.Splits#fingerprint()}
 * @param place the device and engine that computed
 */
public record Run(
        TrainingOptions options,
        Settings settings,
        int every,
        String data,
        String device,
        String engine,
        String variant,
        String images,
        String place) {

    /**
     * Checks the range of {@code every}.
     *
     * @throws IllegalArgumentException if it is out of range
     */
    public Run {
        if (every < 1) {
            throw new IllegalArgumentException("every " + every + ", expected at least 1");
        }
    }
}
