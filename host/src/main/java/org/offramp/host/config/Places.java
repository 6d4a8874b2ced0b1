package org.offramp.host.config;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/** Where the keys of a configuration were given, for messages about what is found wrong once the data is open. */
public final class Places {
    private final String file;
    private final SortedMap<String, String> byPath;

    /**
     * The places of a document.
     *
     * @param file the document's name in messages
     * @param byPath for a key's path {@code file:line}, or the {@code --set} that gave it
     */
    Places(String file, SortedMap<String, String> byPath) {
        this.file = file;
        this.byPath = Collections.unmodifiableSortedMap(new TreeMap<>(byPath));
    }

    /**
     * A message in the form of all configuration messages: place, path, what is wrong.
     *
     * @param path the key's path, such as {@code strategies[0].backbone.exits}; where it was not given, the place is that of the nearest
     *     section around it
     * @param message what is wrong
     */
    public String at(String path, String message) {
        return place(path) + ": " + path + ": " + message;
    }

    /**
     * A dataset's message in the same form; one that begins with its key, such as {@code data.path: …}, gets that key's place.
     *
     * @param message what is wrong with the data; one that has its place already stays as it is
     */
    String at(String message) {
        int colon = message.indexOf(": ");
        if (message.startsWith("data.") && colon > 0) {
            return at(message.substring(0, colon), message.substring(colon + 2));
        }
        boolean placed = byPath.values().stream().anyMatch(place -> message.startsWith(place + ": "));
        return placed ? message : at("data", message);
    }

    private String place(String path) {
        String place = byPath.get(path);
        if (place != null) {
            return place;
        }
        int end = Math.max(path.lastIndexOf('.'), path.lastIndexOf('['));
        return end < 0 ? file : place(path.substring(0, end));
    }
}
