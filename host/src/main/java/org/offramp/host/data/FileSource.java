package org.offramp.host.data;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.offramp.api.DataSource;
import org.offramp.api.DatasetException;

/** Files below a folder, and published files in the user's cache. */
public final class FileSource implements DataSource {
    private final Path folder;
    private final boolean mayDownload;

    /**
     * A source.
     *
     * @param folder what relative paths are relative to, where they do not exist below the working folder
     * @param mayDownload whether the user asked for downloads
     */
    public FileSource(Path folder, boolean mayDownload) {
        this.folder = folder;
        this.mayDownload = mayDownload;
    }

    @Override
    public Path resolve(String path) {
        Path here = Path.of(path).toAbsolutePath().normalize();
        return Files.exists(here) ? here : folder.resolve(path).toAbsolutePath().normalize();
    }

    @Override
    public Path download(URI uri, String sha256) {
        Path cache = Path.of(System.getProperty("user.home"), ".cache", "offramp", "data");
        Path file = cache.resolve(sha256);
        try {
            if (!Files.exists(file)) {
                if (!mayDownload) {
                    throw new DatasetException(
                            uri + " is not in the cache; name a folder with data.path, or allow it with --download");
                }
                Files.createDirectories(cache);
                Path beside = cache.resolve(sha256 + ".part");
                HttpClient client = HttpClient.newBuilder()
                        .followRedirects(HttpClient.Redirect.NORMAL)
                        .build();
                HttpResponse<InputStream> response =
                        client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofInputStream());
                try (InputStream in = response.body()) {
                    if (response.statusCode() != 200) {
                        throw new DatasetException(uri + ": the server answered " + response.statusCode());
                    }
                    Files.copy(in, beside, StandardCopyOption.REPLACE_EXISTING);
                }
                check(beside, uri, sha256);
                Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
            }
            check(file, uri, sha256);
            return file;
        } catch (IOException e) {
            throw new DatasetException(uri + ": cannot be downloaded: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DatasetException(uri + ": the download was interrupted", e);
        }
    }

    private static void check(Path file, URI uri, String sha256) throws IOException {
        try (DigestInputStream in =
                new DigestInputStream(Files.newInputStream(file), MessageDigest.getInstance("SHA-256"))) {
            in.transferTo(java.io.OutputStream.nullOutputStream());
            String found = HexFormat.of().formatHex(in.getMessageDigest().digest());
            if (!found.equals(sha256)) {
                Files.delete(file);
                throw new DatasetException(uri + ": the checksum is " + found + " instead of " + sha256);
            }
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
    }
}
