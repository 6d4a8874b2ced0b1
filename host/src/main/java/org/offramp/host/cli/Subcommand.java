package org.offramp.host.cli;

/**
 * A command that a library beside the host adds to {@code offramp}: a picocli command object, named in the service file of this type.
 * The conformance suite brings {@code offramp conformance} so.
 */
public interface Subcommand {}
