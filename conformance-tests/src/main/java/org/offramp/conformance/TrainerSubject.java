package org.offramp.conformance;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.offramp.api.BackboneFactory;
import org.offramp.api.ComponentFactory;
import org.offramp.api.ExitTrainer;
import org.offramp.api.Optimization;
import org.offramp.api.StrategyPlugin;
import org.offramp.api.TrainerFactory;
import org.offramp.api.TrainingException;

/**
 * A trainer under test, in one configuration and behind the trainers that go before it. The rules train it on a small network with
 * BatchNorm, three exits and 72 generated samples, or {@link #on} a backbone that it needs.
 *
 * @param factory the factory
 * @param config the configuration
 * @param chain the trainers that go before it, in order
 * @param network what it is trained on
 * @param <C> the configuration record
 */
public record TrainerSubject<C extends Record>(
        TrainerFactory<C> factory, C config, List<TrainerSubject<?>> chain, SmallNetwork network) {
    /** Copies the list. */
    public TrainerSubject {
        chain = List.copyOf(chain);
    }

    /**
     * A trainer on the rules' own small network.
     *
     * @param factory the factory
     * @param config the configuration
     * @param chain the trainers that go before it, in order
     */
    public TrainerSubject(TrainerFactory<C> factory, C config, List<TrainerSubject<?>> chain) {
        this(factory, config, chain, SmallNetwork.CONVOLUTIONS);
    }

    /**
     * A trainer with the defaults of all its keys, but quick: a key {@code batch-size} is 8, keys that begin with {@code epochs} are 4, and
     * an {@link Optimization} has the learning rate 0.02. Nothing goes before it.
     *
     * @param factory the factory
     * @throws IllegalArgumentException if a key is required
     */
    public static <C extends Record> TrainerSubject<C> ofDefaults(TrainerFactory<C> factory) {
        List<String> given = new ArrayList<>();
        for (RecordComponent component : factory.configType().getRecordComponents()) {
            String key = DefaultConfiguration.key(component);
            if (component.getType() == Optimization.class) {
                given.add(key + ": {learning-rate: 0.02}");
            } else if (component.getType() == int.class && key.equals("batch-size")) {
                given.add(key + ": 8");
            } else if (component.getType() == int.class && key.startsWith("epochs")) {
                given.add(key + ": 4");
            }
        }
        return new TrainerSubject<>(
                factory,
                DefaultConfiguration.of(factory.configType(), "{" + String.join(", ", given) + "}"),
                List.of());
    }

    /**
     * A trainer with some keys given and the others left out.
     *
     * @param factory the factory
     * @param keys the given keys as in YAML, in flow style
     * @throws IllegalArgumentException if a key is missing, unknown or cannot be read
     */
    public static <C extends Record> TrainerSubject<C> of(TrainerFactory<C> factory, String keys) {
        return new TrainerSubject<>(factory, DefaultConfiguration.of(factory.configType(), keys), List.of());
    }

    /**
     * The same trainer behind others.
     *
     * @param before the trainers that go before it, in order
     */
    public TrainerSubject<C> after(TrainerSubject<?>... before) {
        return new TrainerSubject<>(factory, config, List.of(before), network);
    }

    /**
     * The same trainer on a backbone that it needs, instead of the rules' own small network; with an early exit after every stage. Where
     * the rules look at networks with other exits, there is one after the last stage but one still.
     *
     * @param backbone the backbone; it must take grey images {@code (1, 8, 8)} and three classes
     * @param keys its given keys as in YAML, in flow style
     * @throws IllegalArgumentException if a key is missing, unknown or cannot be read, or the backbone refuses the images
     */
    public <B extends Record> TrainerSubject<C> on(BackboneFactory<B> backbone, String keys) {
        B backboneConfig = DefaultConfiguration.of(backbone.configType(), keys);
        return new TrainerSubject<>(factory, config, chain, SmallNetwork.of(backbone, backboneConfig));
    }

    /** A trainer of classifiers at every exit, backbone included: what most trainers can go behind. */
    public static TrainerSubject<?> classifiers() {
        return ofDefaults(new Classifiers());
    }

    /**
     * Every trainer of a plugin, as {@link #ofDefaults} makes it, behind the first of these chains with which it trains: nothing, {@link
     * #classifiers}, and those with one other trainer of the plugin. One that refuses them all and names a backbone of the class path is
     * put {@link #on} it, narrow as {@link BackboneSubject#ofDefaults} makes it.
     *
     * @param plugin the plugin
     * @throws IllegalArgumentException if a key is required
     */
    public static Stream<TrainerSubject<?>> allOf(StrategyPlugin plugin) {
        return allOf(plugin, name -> Optional.empty(), PluginsUnderTest.backbonesOfTheClassPath());
    }

    /** As {@link #allOf(StrategyPlugin)}, with the keys of some components given by their names, and the backbones that may be named. */
    static Stream<TrainerSubject<?>> allOf(
            StrategyPlugin plugin, Function<String, Optional<String>> keys, List<BackboneFactory<?>> backbones) {
        return plugin.trainers().stream().map(factory -> {
            TrainerSubject<?> alone = made(factory, keys);
            return chained(alone, plugin, keys)
                    .or(() -> named(alone, keys, backbones))
                    .orElse(alone);
        });
    }

    private static <C extends Record> TrainerSubject<C> made(
            TrainerFactory<C> factory, Function<String, Optional<String>> keys) {
        return keys.apply(factory.name()).map(given -> of(factory, given)).orElseGet(() -> ofDefaults(factory));
    }

    private static Optional<TrainerSubject<?>> chained(
            TrainerSubject<?> alone, StrategyPlugin plugin, Function<String, Optional<String>> keys) {
        List<TrainerSubject<?>> candidates = new ArrayList<>(List.of(alone, alone.after(classifiers())));
        plugin.trainers().stream()
                .filter(other -> !other.name().equals(alone.factory().name()))
                .filter(other -> hasDefaults(other) || keys.apply(other.name()).isPresent())
                .forEach(other -> candidates.add(alone.after(classifiers(), made(other, keys))));
        return candidates.stream().filter(subject -> refusal(subject).isEmpty()).findFirst();
    }

    /** On the backbone that the trainer's refusal names. */
    private static Optional<TrainerSubject<?>> named(
            TrainerSubject<?> alone, Function<String, Optional<String>> keys, List<BackboneFactory<?>> backbones) {
        String words = refusal(alone).orElse("");
        return backbones.stream()
                .filter(backbone -> Pattern.compile("(?<![\\w-])" + backbone.name() + "(?![\\w-])")
                        .matcher(words)
                        .find())
                .filter(backbone ->
                        hasDefaults(backbone) || keys.apply(backbone.name()).isPresent())
                .<TrainerSubject<?>>map(backbone -> alone.on(
                        backbone,
                        keys.apply(backbone.name()).orElseGet(() -> BackboneSubject.narrowKeys(backbone.configType()))))
                .filter(subject -> refusal(subject).isEmpty())
                .findFirst();
    }

    private static boolean hasDefaults(ComponentFactory<?> factory) {
        return DefaultConfiguration.requiredKeys(factory.configType()).isEmpty();
    }

    /** Any other exception is what the rules are there to show. */
    private static Optional<String> refusal(TrainerSubject<?> subject) {
        try (TrainerTrial trial = new TrainerTrial(subject)) {
            trial.run().close();
            return Optional.empty();
        } catch (TrainingException refused) {
            return Optional.of(String.valueOf(refused.getMessage()));
        } catch (RuntimeException fault) {
            return Optional.empty();
        }
    }

    ExitTrainer create() {
        return factory.create(config);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("trainer " + factory.name() + " " + config);
        chain.forEach(before -> text.append(", after ").append(before.factory().name()));
        if (!network.equals(SmallNetwork.CONVOLUTIONS)) {
            text.append(", on ").append(network.name());
        }
        return text.toString();
    }
}
