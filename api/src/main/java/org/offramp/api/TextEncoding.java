package org.offramp.api;

/** Turns texts into samples, as a dataset of texts does with its own. Thread-safe. */
@Experimental("whether two texts can make one sample")
@FunctionalInterface
public interface TextEncoding extends AutoCloseable {
    /**
     * The sample of a text.
     *
     * @param text the text, of any length
     * @return as many values as a sample of the dataset has; what does not fit is left out
     */
    float[] encode(String text);

    /** Frees what it holds outside of Java. */
    @Override
    default void close() {}
}
