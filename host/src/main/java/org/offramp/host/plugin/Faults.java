package org.offramp.host.plugin;

import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Says of an error in a plugin's code what it means for a person. */
public final class Faults {
    private static final String LOADER = "plugin:";

    private Faults() {}

    /** Errors of linking have a cure of their own; all else is the author's to mend. */
    static BrokenPlugin explain(Throwable error) {
        if (error instanceof UnsupportedClassVersionError) {
            return new BrokenPlugin(
                    "it was compiled for a newer Java: " + error.getMessage(),
                    "run Offramp with that Java, or compile it with --release 17");
        }
        if (error instanceof ExceptionInInitializerError initializer) {
            return new BrokenPlugin(
                    "a static initialiser throws " + chain(initializer.getCause()),
                    "do nothing in it; load files and libraries when a component is made");
        }
        if (error instanceof NoClassDefFoundError) {
            return new BrokenPlugin(
                    "it needs the class " + String.valueOf(error.getMessage()).replace('/', '.')
                            + ", which none of its jars has",
                    "put the library's jar into the plugin's directory");
        }
        if (error instanceof LinkageError) {
            return new BrokenPlugin(
                    "its classes do not fit together: " + error,
                    "build it against this host's offramp-api and DJL, with one version of each library");
        }
        return new BrokenPlugin("it throws " + chain(error), "tell its author, or remove it");
    }

    /**
     * The plugin whose code an error comes from.
     *
     * @param error the error
     * @return the plugin's name, where an isolated plugin's class is on the stack of the error or of a cause of it
     */
    public static Optional<String> culprit(Throwable error) {
        return Stream.<Throwable>iterate(error, Objects::nonNull, Throwable::getCause)
                .flatMap(cause -> Arrays.stream(cause.getStackTrace()))
                .map(StackTraceElement::getClassLoaderName)
                .filter(name -> name != null && name.startsWith(LOADER))
                .map(name -> name.substring(LOADER.length()))
                .findFirst();
    }

    /**
     * What an error of linking in a plugin's code means, with its cure.
     *
     * @param error thrown while a component was used
     */
    public static PluginProblem problem(LinkageError error) {
        return explain(error).problem(culprit(error).orElse("a plugin"), "-", "while it was used");
    }

    /** An error and its causes, without stack traces. */
    static String chain(@Nullable Throwable error) {
        StringBuilder text = new StringBuilder(String.valueOf(error));
        for (Throwable cause = error == null ? null : error.getCause(); cause != null; cause = cause.getCause()) {
            text.append(": ").append(cause);
        }
        return text.toString();
    }
}
