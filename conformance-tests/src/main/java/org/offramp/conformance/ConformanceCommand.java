package org.offramp.conformance;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.platform.engine.discovery.ClassSelector;
import org.junit.platform.engine.support.store.Namespace;
import org.junit.platform.launcher.EngineFilter;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.reporting.legacy.xml.LegacyXmlReportGeneratingListener;
import org.offramp.api.BackboneFactory;
import org.offramp.api.StrategyPlugin;
import org.offramp.host.cli.Subcommand;
import org.offramp.host.plugin.LoadedPlugin;
import org.offramp.host.plugin.PluginFinder;
import org.offramp.host.plugin.PluginRegistry;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code offramp conformance}: the whole suite on an isolated plugin directory, without a build. */
@Command(
        name = "conformance",
        mixinStandardHelpOptions = true,
        description =
                "Check a plugin directory against every rule of the contract; exit with 1 where one does not hold.")
public final class ConformanceCommand implements Subcommand, Callable<Integer> {
    private static final int DOES_NOT_CONFORM = 1;
    private static final int CANNOT_LOAD = 3;

    private static final List<Class<? extends Conformance<?>>> KINDS = List.of(
            OfPlugins.ExitPolicies.class,
            OfPlugins.Backbones.class,
            OfPlugins.Trainers.class,
            OfPlugins.Datasets.class,
            OfPlugins.Packaging.class,
            OfPlugins.Lifecycle.class);

    @Option(
            names = "--plugin",
            required = true,
            paramLabel = "DIR",
            description = "the plugin's directory, with its jars inside")
    private Path directory = Path.of("");

    @Option(
            names = "--report",
            required = true,
            paramLabel = "OUT",
            description = "a folder for conformance.json, conformance.md and JUnit's XML")
    private Path report = Path.of("");

    @Option(
            names = "--keys",
            paramLabel = "NAME={…}",
            description = "a component's keys as in YAML, for components with required keys; repeatable")
    private Map<String, String> keys = new LinkedHashMap<>();

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    /** For the service loader. */
    @SuppressWarnings("NullAway.Init")
    public ConformanceCommand() {}

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        if (!Files.isDirectory(directory)) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "--plugin " + directory + ": there is no such directory");
        }
        PluginRegistry registry = PluginFinder.find(List.of(directory), new WithoutPlugins());
        List<LoadedPlugin> found = registry.plugins();
        if (found.size() != 1) {
            err.println("offramp: --plugin " + directory + ": " + found.size()
                    + " plugins can be loaded from it; one is wanted, in its own directory");
            registry.problems().forEach(problem -> err.println("offramp: " + problem));
            err.flush();
            return CANNOT_LOAD;
        }
        ConformanceReport result = check(found.get(0), out);
        out.println(result.plugin() + " " + result.version() + ": " + result.summary());
        result.faults().forEach(out::println);
        result.rules().stream()
                .flatMap(rule -> rule.checks().stream())
                .filter(check -> !check.passed())
                .forEach(check -> out.println("\n" + check.failure()));
        out.println((result.passed() ? "it conforms; " : "it does not conform; ") + report.resolve("conformance.md"));
        out.flush();
        return result.passed() ? 0 : DOES_NOT_CONFORM;
    }

    private ConformanceReport check(LoadedPlugin loaded, PrintWriter out) {
        PluginsUnderTest subject = new PluginsUnderTest(
                List.of(PluginSubject.of(loaded.plugin())),
                installedBackbones(),
                name -> Optional.ofNullable(keys.get(name)));
        List<Class<? extends Conformance<?>>> kinds = KINDS.stream()
                .filter(kind -> PluginsUnderTest.bring(loaded.plugin(), kind))
                .toList();
        Set<String> expected = kinds.stream()
                .flatMap(kind -> Rules.of(kind).stream())
                .map(Rule::id)
                .collect(Collectors.toSet());
        try {
            Files.createDirectories(report);
            RuleResults results = run(subject, kinds, out);
            ConformanceReport made =
                    ConformanceReport.of(loaded.plugin().name(), loaded.version(), jars(), expected, results);
            made.write(report);
            return made;
        } catch (IOException e) {
            throw new UncheckedIOException("the report cannot be written to " + report, e);
        }
    }

    /** Of the class path and of the installation, for trainers that need one of them. */
    private static List<BackboneFactory<?>> installedBackbones() {
        Path installed = Path.of(System.getProperty("offramp.home", ""), "plugins");
        boolean isInstalled = !System.getProperty("offramp.home", "").isEmpty() && Files.isDirectory(installed);
        return PluginFinder.find(
                        isInstalled ? List.of(installed) : List.of(), ConformanceCommand.class.getClassLoader())
                .plugins()
                .stream()
                .<BackboneFactory<?>>flatMap(loaded -> loaded.plugin().backbones().stream())
                .toList();
    }

    private RuleResults run(PluginsUnderTest subject, List<Class<? extends Conformance<?>>> kinds, PrintWriter out) {
        RuleResults results = new RuleResults();
        try (LauncherSession session = LauncherFactory.openSession()) {
            session.getStore()
                    .put(Namespace.create(PluginsUnderTest.SESSION_KEY), PluginsUnderTest.SESSION_KEY, subject);
            session.getLauncher()
                    .execute(
                            LauncherDiscoveryRequestBuilder.request()
                                    .selectors(kinds.stream()
                                            .map(kind -> selectClass(kind))
                                            .toArray(ClassSelector[]::new))
                                    .filters(EngineFilter.includeEngines("junit-jupiter"))
                                    .build(),
                            results,
                            new LegacyXmlReportGeneratingListener(report, out));
        }
        return results;
    }

    /** The host's classes without the plugins that are on its class path. */
    private static final class WithoutPlugins extends ClassLoader {
        WithoutPlugins() {
            super(ConformanceCommand.class.getClassLoader());
        }

        @Override
        public Enumeration<URL> getResources(String name) throws IOException {
            return name.endsWith(StrategyPlugin.class.getName())
                    ? Collections.emptyEnumeration()
                    : super.getResources(name);
        }
    }

    private SortedMap<String, String> jars() throws IOException {
        SortedMap<String, String> hashes = new TreeMap<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path jar :
                    files.filter(file -> file.toString().endsWith(".jar")).toList()) {
                byte[] hash = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(jar));
                hashes.put(String.valueOf(jar.getFileName()), HexFormat.of().formatHex(hash));
            }
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java runtime has SHA-256", e);
        }
        return hashes;
    }
}
