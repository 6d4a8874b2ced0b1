package org.offramp.api;

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
}
