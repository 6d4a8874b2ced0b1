/**
 * The published baselines. Exit policies: {@link org.offramp.baselines.MaxProbability}, {@link
 * org.offramp.baselines.EntropyPolicy}, {@link org.offramp.baselines.MarginPolicy}, {@link
 * org.offramp.baselines.PatiencePolicy}, {@link org.offramp.baselines.TemperaturePolicy}, {@link
 * org.offramp.baselines.ReliabilityPolicy}, {@link org.offramp.baselines.EnsemblePolicy}. Trainers: {@link org.offramp.baselines.JointTraining}, {@link
 * org.offramp.baselines.HeadsOnlyTraining}, {@link org.offramp.baselines.BackboneTraining}.
 */
@NullMarked
package org.offramp.baselines;

import org.jspecify.annotations.NullMarked;
