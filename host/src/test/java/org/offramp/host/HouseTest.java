package org.offramp.host;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Who may see whom. */
class HouseTest {
    private static final JavaClasses ALL = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("org.offramp");

    @Test
    void theApiSeesNobody() {
        classes()
                .that()
                .resideInAPackage("org.offramp.api..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("org.offramp.api..", "java..", "ai.djl..", "org.jspecify..")
                .check(ALL);
    }

    @Test
    void pluginsSeeNeitherTheHostNorEachOther() {
        String[] plugins = {
            "org.offramp.backbones..",
            "org.offramp.datasets..",
            "org.offramp.baselines..",
            "org.offramp.quicknet..",
            "org.offramp.commitment..",
            "org.offramp.sidenet..",
            "org.offramp.e2cm..",
            "org.offramp.consistentexit.."
        };
        for (String plugin : plugins) {
            for (String other : plugins) {
                if (!other.equals(plugin)) {
                    noClasses()
                            .that()
                            .resideInAPackage(plugin)
                            .should()
                            .dependOnClassesThat()
                            .resideInAPackage(other)
                            .check(ALL);
                }
            }
            noClasses()
                    .that()
                    .resideInAPackage(plugin)
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("org.offramp.host..")
                    .check(ALL);
            noClasses()
                    .that()
                    .resideInAPackage("org.offramp.host..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage(plugin)
                    .check(ALL);
        }
    }

    @Test
    void hostPackagesHaveNoCycles() {
        slices().matching("org.offramp.host.(*)..").should().beFreeOfCycles().check(ALL);
    }

    @Test
    void nothingUsesJavaSerialisation() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .belongToAnyOf(
                        java.io.ObjectInputStream.class,
                        java.io.ObjectOutputStream.class,
                        java.io.Externalizable.class,
                        java.beans.XMLDecoder.class)
                .check(ALL);
    }
}
