/** The API's own tests. */
@NullMarked
package org.offramp.api;

import org.jspecify.annotations.NullMarked;
