/** SideNet (Morisot 2020): small classifiers on a frozen, usually pretrained MainNet. */
@NullMarked
package org.offramp.sidenet;

import org.jspecify.annotations.NullMarked;
