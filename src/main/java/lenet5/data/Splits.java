package lenet5.data;

/**
 * A data set ready for training.
 *
 * @param name short, for records: {@code mnist}, {@code synthetic} or the directory
 * @param train the images to learn from
 * @param validation held out, looked at after each epoch
 * @param test looked at once, at the end
 */
public record Splits(String name, LabeledImages train, LabeledImages validation, LabeledImages test) {}
