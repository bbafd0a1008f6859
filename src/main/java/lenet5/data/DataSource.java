package lenet5.data;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import lenet5.io.CacheDirectory;

/** Finds the data that the option {@code --data} names, and says in one line what was taken and why. */
public final class DataSource {

    private static final String DIRECTORY_VARIABLE = "MNIST_DIR";

    private final Map<String, String> environment;
    private final MnistCache cache;
    private final Supplier<Splits> synthetic;
    private final Consumer<String> messages;

    /**
     * The real thing: the cache is {@code mnist} in the {@link CacheDirectory}, downloads come from the public mirrors.
     *
     * @param environment environment variables, as {@link System#getenv()} gives them
     * @param synthetic draws the synthetic digits
     * @param progress hears how downloads go on
     * @param messages hears lines for the user
     */
    public DataSource(
            Map<String, String> environment,
            Supplier<Splits> synthetic,
            DownloadProgress progress,
            Consumer<String> messages) {
        this(
                environment,
                new MnistCache(
                        CacheDirectory.root(environment).resolve("mnist"), MnistMirrors.PUBLIC, progress, messages),
                synthetic,
                messages);
    }

    DataSource(
            Map<String, String> environment, MnistCache cache, Supplier<Splits> synthetic, Consumer<String> messages) {
        this.environment = environment;
        this.cache = cache;
        this.synthetic = synthetic;
        this.messages = messages;
    }

    /**
     * Loads one of
     *
     * <ul>
     *   <li>{@code mnist}: from the directory {@code $MNIST_DIR} if it is set, else the cache, else a download;
     *   <li>{@code auto}: the same, else synthetic digits;
     *   <li>{@code synthetic}: synthetic digits;
     *   <li>a directory with MNIST's four files, gzipped or not.
     * </ul>
     *
     * @throws DataException if it cannot be had or is damaged; a directory that was asked for, by {@code data} or
     *     {@code $MNIST_DIR}, is never passed over
     */
    public Splits load(String data) {
        return switch (data) {
            case "auto", "mnist" -> mnist(data.equals("auto"));
            case "synthetic" -> synthetic("as asked");
            default -> directory(data);
        };
    }

    private Splits mnist(boolean orSynthetic) {
        String directory = environment.getOrDefault(DIRECTORY_VARIABLE, "");
        if (!directory.isEmpty()) {
            return fromVariable(directory);
        }
        try {
            return cache.splits();
        } catch (IOException e) {
            String reason = "MNIST could not be downloaded: " + e.getMessage() + "; set " + DIRECTORY_VARIABLE
                    + " or pass --data DIR";
            if (orSynthetic) {
                return synthetic(reason);
            }
            throw new DataException(reason, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DataException("interrupted while downloading MNIST", e);
        }
    }

    private Splits fromVariable(String directory) {
        try {
            Splits splits = Mnist.read("mnist", Path.of(directory));
            messages.accept("data: MNIST from " + DIRECTORY_VARIABLE + "=" + directory);
            return splits;
        } catch (DataException e) {
            throw new DataException(DIRECTORY_VARIABLE + ": " + e.getMessage(), e);
        }
    }

    private Splits directory(String data) {
        if (!new File(data).isDirectory()) {
            throw new DataException("data '" + data + "': expected auto, mnist, synthetic or an existing directory");
        }
        Splits splits = Mnist.read(data, Path.of(data));
        messages.accept("data: " + data);
        return splits;
    }

    private Splits synthetic(String reason) {
        messages.accept("data: synthetic digits (" + reason + ")");
        return synthetic.get();
    }
}
