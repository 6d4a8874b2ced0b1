package org.offramp.conformance;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.offramp.api.ComponentFactory;
import org.offramp.api.ExitTrainer;
import org.offramp.api.Optimization;
import org.offramp.api.StrategyPlugin;
import org.offramp.api.TrainerFactory;
import org.offramp.api.TrainingException;

/**
 * A trainer under test, in one configuration and behind the trainers that go before it. The rules train it on a small network with
 * BatchNorm, three exits and 72 generated samples.
 *
 * @param factory the factory
 * @param config the configuration
 * @param chain the trainers that go before it, in order
 * @param <C> the configuration record
 */
public record TrainerSubject<C extends Record>(TrainerFactory<C> factory, C config, List<TrainerSubject<?>> chain) {
    /** Copies the list. */
    public TrainerSubject {
        chain = List.copyOf(chain);
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
        return new TrainerSubject<>(factory, config, List.of(before));
    }

    /** A trainer of classifiers at every exit, backbone included: what most trainers can go behind. */
    public static TrainerSubject<?> classifiers() {
        return ofDefaults(new Classifiers());
    }

    /**
     * Every trainer of a plugin, as {@link #ofDefaults} makes it, behind the first of these chains with which it trains: nothing, {@link
     * #classifiers}, and those with one other trainer of the plugin.
     *
     * @param plugin the plugin
     * @throws IllegalArgumentException if a key is required
     */
    public static Stream<TrainerSubject<?>> allOf(StrategyPlugin plugin) {
        return allOf(plugin, name -> Optional.empty());
    }

    /** As {@link #allOf(StrategyPlugin)}, with the keys of some trainers given by their names. */
    static Stream<TrainerSubject<?>> allOf(StrategyPlugin plugin, Function<String, Optional<String>> keys) {
        return plugin.trainers().stream().map(factory -> chained(made(factory, keys), plugin, keys));
    }

    private static <C extends Record> TrainerSubject<C> made(
            TrainerFactory<C> factory, Function<String, Optional<String>> keys) {
        return keys.apply(factory.name()).map(given -> of(factory, given)).orElseGet(() -> ofDefaults(factory));
    }

    private static TrainerSubject<?> chained(
            TrainerSubject<?> alone, StrategyPlugin plugin, Function<String, Optional<String>> keys) {
        List<TrainerSubject<?>> candidates = new ArrayList<>(List.of(alone, alone.after(classifiers())));
        plugin.trainers().stream()
                .filter(other -> !other.name().equals(alone.factory().name()))
                .filter(other -> hasDefaults(other) || keys.apply(other.name()).isPresent())
                .forEach(other -> candidates.add(alone.after(classifiers(), made(other, keys))));
        return candidates.stream().filter(TrainerSubject::trains).findFirst().orElse(alone);
    }

    private static boolean hasDefaults(ComponentFactory<?> factory) {
        return DefaultConfiguration.requiredKeys(factory.configType()).isEmpty();
    }

    /** Any other exception is what the rules are there to show. */
    private static boolean trains(TrainerSubject<?> subject) {
        try (TrainerTrial trial = new TrainerTrial(subject)) {
            trial.run().close();
            return true;
        } catch (TrainingException refused) {
            return false;
        } catch (RuntimeException fault) {
            return true;
        }
    }

    ExitTrainer create() {
        return factory.create(config);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("trainer " + factory.name() + " " + config);
        chain.forEach(before -> text.append(", after ").append(before.factory().name()));
        return text.toString();
    }
}
