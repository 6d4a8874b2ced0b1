/** DJL's own way to a bundle: the engine {@code Offramp}, so that {@code Criteria}, predictors and DJL Serving load bundles. */
@NullMarked
package org.offramp.host.djl;

import org.jspecify.annotations.NullMarked;
