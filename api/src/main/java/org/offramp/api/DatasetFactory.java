package org.offramp.api;

import java.util.Map;

/**
 * Opens datasets.
 *
 * @param <C> the configuration record
 */
public non-sealed interface DatasetFactory<C extends Record> extends ComponentFactory<C> {
    /**
     * Opens a dataset. Nothing of the test split is read before {@link Dataset#test()} is called.
     *
     * @param config the bound configuration
     * @param source where files may come from
     * @return the dataset
     * @throws DatasetException if a file is missing, broken or inconsistent; the message names the file and the place
     */
    Dataset open(C config, DataSource source);

    /**
     * Turns texts into samples as a dataset does, without its files.
     *
     * @param config the dataset's configuration
     * @param files the dataset's {@link Dataset#publishedFiles()}
     * @throws DatasetException if the files are not of this factory's, or samples are not made of texts
     */
    default TextEncoding textEncoding(C config, Map<String, String> files) {
        throw new DatasetException("the dataset '" + name() + "' does not make samples of texts");
    }
}
