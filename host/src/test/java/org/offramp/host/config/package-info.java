@NullMarked
package org.offramp.host.config;

import org.jspecify.annotations.NullMarked;
