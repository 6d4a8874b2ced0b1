package org.offramp.conformance;

import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The classes of rules over everything that the plugins under test bring. */
final class OfPlugins {
    private OfPlugins() {}

    /** Group P. */
    @ExtendWith(Brought.class)
    static final class ExitPolicies extends ExitPolicyConformance {
        @Override
        protected Stream<PolicySubject<?>> subjects() {
            return Stream.of();
        }

        @Override
        Stream<PolicySubject<?>> subjects(ExtensionContext context) {
            return PluginsUnderTest.of(context).exitPolicies();
        }
    }

    /** Group B. */
    @ExtendWith(Brought.class)
    static final class Backbones extends BackboneConformance {
        @Override
        protected Stream<BackboneSubject<?>> subjects() {
            return Stream.of();
        }

        @Override
        Stream<BackboneSubject<?>> subjects(ExtensionContext context) {
            return PluginsUnderTest.of(context).backbones();
        }
    }

    /** Group T. */
    @ExtendWith(Brought.class)
    static final class Trainers extends TrainerConformance {
        @Override
        protected Stream<TrainerSubject<?>> subjects() {
            return Stream.of();
        }

        @Override
        Stream<TrainerSubject<?>> subjects(ExtensionContext context) {
            return PluginsUnderTest.of(context).trainers();
        }
    }

    /** Group D. */
    @ExtendWith(Brought.class)
    static final class Datasets extends DatasetConformance {
        @Override
        protected Stream<DatasetSubject<?>> subjects() {
            return Stream.of();
        }

        @Override
        Stream<DatasetSubject<?>> subjects(ExtensionContext context) {
            return PluginsUnderTest.of(context).datasets();
        }
    }

    /** Group K. */
    static final class Packaging extends PackagingConformance {
        @Override
        protected Stream<PluginSubject> subjects() {
            return Stream.of();
        }

        @Override
        Stream<PluginSubject> subjects(ExtensionContext context) {
            return PluginsUnderTest.of(context).plugins();
        }
    }

    /** Group L. */
    static final class Lifecycle extends LifecycleConformance {
        @Override
        protected Stream<PluginSubject> subjects() {
            return Stream.of();
        }

        @Override
        Stream<PluginSubject> subjects(ExtensionContext context) {
            return PluginsUnderTest.of(context).plugins();
        }
    }
}
