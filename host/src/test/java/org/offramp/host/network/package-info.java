@NullMarked
package org.offramp.host.network;

import org.jspecify.annotations.NullMarked;
