/** A run's YAML file, bound strictly to records with every problem of the file gathered. */
@NullMarked
package org.offramp.host.config;

import org.jspecify.annotations.NullMarked;
