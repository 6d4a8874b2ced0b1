package org.offramp.conformance;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.platform.suite.api.IncludeEngines;
import org.junit.platform.suite.api.SelectClasses;
import org.junit.platform.suite.api.Suite;

/**
 * All rules of the contract over the plugins on the class path: the whole test of a plugin in its own build.
 *
 * <pre>{@code
 * @ConformanceSuite
 * class MyPluginConformanceTest {}
 * }</pre>
 *
 * <p>Where other plugins are on the class path too, {@code @ConfigurationParameter(key = "offramp.conformance.plugin", value = "my-plugin")}
 * names the one to check. A component with required keys gets them by {@code @ConfigurationParameter(key =
 * "offramp.conformance.keys.my-component", value = "{file: data.csv}")}.
 */
@Documented
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Suite
@IncludeEngines("junit-jupiter")
@SelectClasses({
    OfPlugins.ExitPolicies.class,
    OfPlugins.Backbones.class,
    OfPlugins.Trainers.class,
    OfPlugins.Datasets.class,
    OfPlugins.Packaging.class,
    OfPlugins.Lifecycle.class
})
public @interface ConformanceSuite {}
