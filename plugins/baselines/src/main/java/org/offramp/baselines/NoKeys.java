package org.offramp.baselines;

/** The configuration of a component that has no keys. */
public record NoKeys() {}
