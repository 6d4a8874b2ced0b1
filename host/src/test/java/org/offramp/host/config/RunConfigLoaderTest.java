package org.offramp.host.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.offramp.host.plugin.PluginFinder;
import org.offramp.host.plugin.PluginRegistry;

class RunConfigLoaderTest {
    private static final PluginRegistry REGISTRY =
            PluginFinder.find(List.of(), RunConfigLoaderTest.class.getClassLoader());
    private static final String GOOD = """
            data: { name: glyphs, train: 200 }
            defaults:
              backbone: { name: convnet, exits: [1, 2] }
              trainers: [ { name: joint, epochs: 1 } ]
              calibrate: { max-accuracy-drop: 0.01 }
            strategies:
              - name: entropy
                policy: { name: entropy }
              - { name: random, control: { name: random, like: entropy } }
            """;

    private static RunConfig parse(String text, String... changes) {
        return RunConfigLoader.parse(text, "run.yaml", List.of(changes), REGISTRY);
    }

    @Test
    void defaultsAreFilledInAndTheResolvedDocumentBindsToTheSame() {
        RunConfig config = parse(GOOD);
        assertThat(config.strategies()).hasSize(2);
        assertThat(config.seeds()).containsExactly(1L);
        assertThat(config.resolved().at("/strategies/0/trainers/0/batch-size").asInt())
                .isEqualTo(128);
        assertThat(parse(config.resolved().toString()).resolved()).isEqualTo(config.resolved());
    }

    @Test
    void everyKeyCanBeChangedOnTheCommandLine() {
        RunConfig config = parse(
                GOOD, "data.train=300", "strategies[0].policy.name=margin", "seeds=[4, 5]", "splits.validation=0.2");
        assertThat(config.resolved().at("/data/train").asInt()).isEqualTo(300);
        assertThat(config.strategies().get(0).policy().orElseThrow().name()).isEqualTo("margin");
        assertThat(config.seeds()).containsExactly(4L, 5L);
    }

    static Stream<Arguments> mistakes() {
        return Stream.of(
                Arguments.of(
                        GOOD.replace("train: 200", "trian: 200"),
                        "run.yaml:1: data.trian: unknown key 'trian'; allowed: classes, difficulty, name, noise, seed, size,"
                                + " test, train; did you mean 'train'?"),
                Arguments.of(
                        GOOD.replace("name: entropy }", "name: entrophy }"),
                        "run.yaml:8: strategies[0].policy.name: there is no exit policy 'entrophy'; allowed: commitment, e2cm, ensemble, entropy, margin,"
                                + " max-probability, patience, pcee, temperature; did you mean 'entropy'?"),
                Arguments.of(
                        GOOD.replace("epochs: 1", "epochs: many"),
                        "run.yaml:4: strategies[0].trainers[0].epochs: 'many' is not a whole number"),
                Arguments.of(
                        GOOD.replace("train: 200", "train: 3"),
                        "run.yaml:1: data.train: 3 is out of range; allowed: 20 to 1000000"),
                Arguments.of(
                        GOOD.replace("name: random,", "name: entropy,"),
                        "run.yaml:9: strategies[1].name: there are two strategies of the name 'entropy'"),
                Arguments.of(
                        GOOD.replace("like: entropy", "like: entropie"),
                        "run.yaml:9: control.like: there is no strategy 'entropie'; allowed: entropy, random; did you mean"
                                + " 'entropy'?"),
                Arguments.of(
                        GOOD.replace("max-accuracy-drop: 0.01", "threshold: [0.1, 0.2, 0.3]"),
                        "run.yaml:5: strategies[0].calibrate.threshold: 3 thresholds for 2 early exits; give one, or one each"),
                Arguments.of(
                        GOOD.replace("max-accuracy-drop: 0.01", "max-macs: 0.5, confidence: 0.95"),
                        "run.yaml:5: strategies[0].calibrate: confidence goes with max-accuracy-drop and search: global"),
                Arguments.of(
                        GOOD.replace("max-accuracy-drop: 0.01", "max-accuracy-drop: 0.01, confidence: 0.3"),
                        "confidence: 0.3 is out of range"),
                Arguments.of(
                        GOOD.replace("max-accuracy-drop: 0.01", "search: global"),
                        "run.yaml:5: strategies[0].calibrate: 0 goals; give exactly one of max-accuracy-drop, max-macs and"
                                + " threshold"),
                Arguments.of(
                        GOOD.replace("exits: [1, 2]", "exits: [2, 1]"),
                        "run.yaml:3: strategies[0].backbone.exits: '1'; stage numbers from 1 on in ascending order are"
                                + " allowed"),
                Arguments.of(
                        "robustness: { perturbations: [ { kind: blurr, strengths: [1] } ] }\n" + GOOD,
                        "run.yaml:1: robustness.perturbations[0].kind: 'blurr'; allowed: noise, blur, occlusion, jitter,"
                                + " scaling, channel-drop; did you mean 'blur'?"),
                Arguments.of(
                        "robustness: { perturbations: [ { kind: occlusion, strengths: [0.2, 1.5] } ] }\n" + GOOD,
                        "run.yaml:1: robustness.perturbations[0]: strengths: [0.2, 1.5]; of occlusion at most 1 is allowed"),
                Arguments.of(
                        "robustness: { perturbations: [ { kind: noise, strengths: [] } ] }\n" + GOOD,
                        "strengths: []; at least one above 0 is needed, each once"),
                Arguments.of(
                        "robustness: { perturbations: [ { kind: noise, strengths: [1] }, { kind: noise, strengths: [2] } ] }\n"
                                + GOOD,
                        "a kind is given twice; give all its strengths in one list"),
                Arguments.of("strategies: []", "run.yaml:1: strategies: a list with at least one strategy is needed"),
                Arguments.of("data: [", "run.yaml:1: not YAML"));
    }

    @ParameterizedTest(name = "{1}")
    @MethodSource("mistakes")
    void aMistakeIsNamedByPlaceValueAndWhatIsAllowed(String text, String message) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(message);
    }

    @Test
    void allMistakesOfAFileAreGathered() {
        assertThatThrownBy(() -> parse(GOOD.replace("train: 200", "trian: 200").replace("epochs: 1", "epochs: 0")))
                .hasMessageContaining("data.trian")
                .hasMessageContaining("epochs: 0 is out of range")
                .hasMessageContaining("problems");
    }

    @Test
    void aMistakeOnTheCommandLineNamesItsPlace() {
        assertThatThrownBy(() -> parse(GOOD, "data.pth=x"))
                .hasMessageContaining("--set data.pth: data.pth: unknown key 'pth'");
    }
}
