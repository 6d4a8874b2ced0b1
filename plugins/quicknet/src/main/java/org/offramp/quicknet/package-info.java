/**
 * Two papers of one name: the QuickNet architecture (Ghosh 2017), {@link org.offramp.quicknet.QuickNetBackbone}, and the QuickNets
 * cascaded training (Patel and Siegelmann 2022), {@link org.offramp.quicknet.QuickNetsTraining}.
 */
@NullMarked
package org.offramp.quicknet;

import org.jspecify.annotations.NullMarked;
