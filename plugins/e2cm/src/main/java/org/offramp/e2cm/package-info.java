/** Early exit by class means, E2CM (Görmez, Dasari and Koyuncu 2022), alone and together with trained exits. */
@NullMarked
package org.offramp.e2cm;

import org.jspecify.annotations.NullMarked;
