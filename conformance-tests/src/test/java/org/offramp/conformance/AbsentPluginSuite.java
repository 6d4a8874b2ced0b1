package org.offramp.conformance;

import org.junit.platform.suite.api.ConfigurationParameter;

/** The suite over a plugin that is not there; run by the test kit only. */
@ConformanceSuite
@ConfigurationParameter(key = "offramp.conformance.plugin", value = "absent")
final class AbsentPluginSuite {}
