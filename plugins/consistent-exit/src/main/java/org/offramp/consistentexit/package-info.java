/** Consistent exit training (Saeed 2021): exits that give the same answer on clean and on perturbed input. */
@NullMarked
package org.offramp.consistentexit;

import org.jspecify.annotations.NullMarked;
