package org.offramp.conformance;

import org.junit.platform.suite.api.ConfigurationParameter;

/** The suite as a plugin's build has it; run by the test kit only. */
@ConformanceSuite
@ConfigurationParameter(key = "offramp.conformance.plugin", value = "given")
final class GivenPluginSuite {}
