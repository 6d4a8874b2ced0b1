package org.offramp.conformance;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Whom the suite may see. */
class SuiteHouseTest {
    private static final JavaClasses ALL = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("org.offramp");

    @Test
    void theSuiteSeesTheApiAndTheHostOnly() {
        noClasses()
                .that()
                .resideInAPackage("org.offramp.conformance..")
                .should()
                .dependOnClassesThat(resideInAPackage("org.offramp..")
                        .and(DescribedPredicate.not(resideInAnyPackage(
                                "org.offramp.api..", "org.offramp.host..", "org.offramp.conformance.."))))
                .check(ALL);
    }

    @Test
    void nobodySeesTheSuite() {
        noClasses()
                .that()
                .resideOutsideOfPackage("org.offramp.conformance..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.offramp.conformance..")
                .check(ALL);
    }
}
