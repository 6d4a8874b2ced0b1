/** Datasets: generated glyphs, and readers for the usual files. */
@NullMarked
package org.offramp.datasets;

import org.jspecify.annotations.NullMarked;
