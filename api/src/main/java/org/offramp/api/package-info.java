/**
 * The service provider interface of Offramp: what a plugin implements and what the host lends to it.
 *
 * <p>Read in this order: {@link org.offramp.api.StrategyPlugin} names the factories; {@link
 * org.offramp.api.Backbone} is a network cut into stages; {@link org.offramp.api.ExitTrainer} makes the
 * heads; {@link org.offramp.api.ExitPolicy} decides who leaves; {@link org.offramp.api.Dataset} brings samples.
 *
 * <p>Conventions that hold everywhere: exits are counted from 1, exit N is the backbone's own classifier; shapes are
 * written without the batch dimension unless said otherwise; {@code null} is never passed or returned.
 */
@NullMarked
package org.offramp.api;

import org.jspecify.annotations.NullMarked;
