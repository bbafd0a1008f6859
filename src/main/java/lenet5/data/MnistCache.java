package lenet5.data;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import lenet5.io.AtomicFiles;

/** MNIST in a directory of our own, downloaded when first needed. Every file's hash is checked at every use. */
final class MnistCache {

    private final Path directory;
    private final MnistMirrors mirrors;
    private final DownloadProgress progress;
    private final Consumer<String> messages;

    /**
     * Touches nothing yet.
     *
     * @param directory where the packed files are kept; created when needed
     * @param messages hears where the data came from, one line at a time
     */
    MnistCache(Path directory, MnistMirrors mirrors, DownloadProgress progress, Consumer<String> messages) {
        this.directory = directory;
        this.mirrors = mirrors;
        this.progress = progress;
        this.messages = messages;
    }

    /**
     * Reads MNIST, downloading what is missing or damaged.
     *
     * @throws IOException if no mirror gives a file; the message has every mirror's reason
     */
    Splits splits() throws IOException, InterruptedException {
        Map<MnistFile, IdxFile> files = readKept();
        if (files.size() == MnistFile.values().length) {
            messages.accept("data: MNIST from the cache " + directory);
        } else {
            downloadRest(files);
            messages.accept("data: MNIST, downloaded");
        }
        return Mnist.split("mnist", files::get);
    }

    private Map<MnistFile, IdxFile> readKept() {
        Map<MnistFile, IdxFile> files = new EnumMap<>(MnistFile.class);
        for (MnistFile file : MnistFile.values()) {
            Path path = directory.resolve(file.packedName());
            if (Files.exists(path)) {
                try {
                    files.put(file, verified(file, IdxFile.read(path, file.dimensions())));
                } catch (DataException e) {
                    messages.accept("data: downloading a damaged file again: " + e.getMessage());
                }
            }
        }
        return files;
    }

    private void downloadRest(Map<MnistFile, IdxFile> files) throws IOException, InterruptedException {
        HttpDownload http = new HttpDownload(mirrors.connectTimeout(), mirrors.stallTimeout());
        List<URI> addresses = new ArrayList<>(mirrors.addresses());
        for (MnistFile file : MnistFile.values()) {
            if (!files.containsKey(file)) {
                files.put(file, download(file, http, addresses));
            }
        }
    }

    /** Tries each address once; one that failed goes to the end, so that the next file starts with one that works. */
    private IdxFile download(MnistFile file, HttpDownload http, List<URI> addresses)
            throws IOException, InterruptedException {
        List<String> reasons = new ArrayList<>();
        for (URI address : List.copyOf(addresses)) {
            try {
                return download(file, http, address);
            } catch (IOException | DataException e) {
                reasons.add(address.getHost() + ": " + e.getMessage());
                Collections.rotate(addresses, -1);
            }
        }
        throw new IOException(String.join("; ", reasons));
    }

    private IdxFile download(MnistFile file, HttpDownload http, URI address) throws IOException, InterruptedException {
        byte[] packed = http.get(
                address.resolve(file.packedName()),
                (received, total) -> progress.report(file.packedName(), received, total));
        IdxFile idx =
                verified(file, IdxFile.read(file.packedName(), new ByteArrayInputStream(packed), file.dimensions()));
        keep(file, packed);
        return idx;
    }

    private IdxFile verified(MnistFile file, IdxFile idx) {
        String expected = mirrors.sha256().apply(file);
        if (!idx.sha256().equals(expected)) {
            throw new DataException(idx.name() + ": SHA-256 is " + idx.sha256() + ", expected " + expected);
        }
        return idx;
    }

    /** A cache that cannot be written costs a download each time, which is no reason to fail. */
    private void keep(MnistFile file, byte[] packed) {
        try {
            Files.createDirectories(directory);
            AtomicFiles.write(directory.resolve(file.packedName()), packed);
        } catch (IOException e) {
            messages.accept("data: " + file.packedName() + " is not kept in the cache: " + e);
        }
    }
}
