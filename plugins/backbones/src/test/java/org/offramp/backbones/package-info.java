@NullMarked
package org.offramp.backbones;

import org.jspecify.annotations.NullMarked;
