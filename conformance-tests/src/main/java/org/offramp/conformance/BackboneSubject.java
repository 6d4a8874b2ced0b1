package org.offramp.conformance;

import ai.djl.ndarray.types.Shape;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.offramp.api.Backbone;
import org.offramp.api.BackboneFactory;
import org.offramp.api.Key;
import org.offramp.api.StrategyPlugin;

/**
 * A backbone under test, in one configuration.
 *
 * @param factory the factory
 * @param config the configuration
 * @param inputShape the shape of one sample, without the batch dimension
 * @param classes the number of classes
 * @param <C> the configuration record
 */
public record BackboneSubject<C extends Record>(BackboneFactory<C> factory, C config, Shape inputShape, int classes) {
    private static final int CLASSES = 5;

    private static final double NARROW = 0.125;
    private static final int FEW_UNITS = 32;

    /** A grey image, a colour image, a sensor window, token ids; small ones first. */
    private static final List<Shape> USUAL_SHAPES = List.of(
            new Shape(1, 16, 16),
            new Shape(3, 16, 16),
            new Shape(9, 32),
            new Shape(12),
            new Shape(1, 28, 28),
            new Shape(3, 32, 32),
            new Shape(9, 128));

    /**
     * A backbone with the defaults of all its keys, but narrow: a key {@code width} that multiplies (a {@code double}) is 0.125, or
     * its least value where that is greater, and a list {@code hidden} of units has at most 32 in each place. It has 5 classes and takes the first that suits it of: grey images {@code (1, 16, 16)},
     * colour images {@code (3, 16, 16)}, sensor windows {@code (9, 32)}, token ids {@code (12)}, and the same in usual sizes.
     *
     * @param factory the factory
     * @throws IllegalArgumentException if a key is required, or none of the shapes is taken
     */
    public static <C extends Record> BackboneSubject<C> ofDefaults(BackboneFactory<C> factory) {
        return of(factory, narrowKeys(factory.configType()));
    }

    /**
     * A backbone with some keys given and the others left out.
     *
     * @param factory the factory
     * @param keys the given keys as in YAML, in flow style
     * @throws IllegalArgumentException if a key is missing, unknown or cannot be read, or none of the shapes of {@link #ofDefaults} is taken
     */
    public static <C extends Record> BackboneSubject<C> of(BackboneFactory<C> factory, String keys) {
        return firstThatSuits(factory, DefaultConfiguration.of(factory.configType(), keys));
    }

    private static <C extends Record> BackboneSubject<C> firstThatSuits(BackboneFactory<C> factory, C config) {
        for (Shape shape : USUAL_SHAPES) {
            if (takes(factory, config, shape)) {
                return new BackboneSubject<>(factory, config, shape, CLASSES);
            }
        }
        throw new IllegalArgumentException("the backbone '" + factory.name() + "' takes none of the shapes "
                + USUAL_SHAPES + "; give its subject a shape that it takes");
    }

    /**
     * Every backbone of a plugin that can be made without a file or another required key, as {@link #ofDefaults} makes it. One that
     * has a required key needs a subject of its own.
     *
     * @param plugin the plugin
     * @throws IllegalArgumentException if none of the usual shapes is taken
     */
    public static Stream<BackboneSubject<?>> allOf(StrategyPlugin plugin) {
        return plugin.backbones().stream()
                .filter(factory ->
                        DefaultConfiguration.requiredKeys(factory.configType()).isEmpty())
                .map(factory -> ofDefaults(factory));
    }

    /** The keys, in YAML, that make a backbone narrow. */
    static String narrowKeys(Class<? extends Record> type) {
        List<String> keys = new ArrayList<>();
        for (RecordComponent component : type.getRecordComponents()) {
            if (component.getName().equals("width") && component.getType() == double.class) {
                Key key = component.getAnnotation(Key.class);
                keys.add("width: " + (key == null ? NARROW : Math.max(NARROW, key.min())));
            } else if (component.getName().equals("hidden")
                    && DefaultConfiguration.defaultOf(component) instanceof List<?> units) {
                keys.add("hidden: "
                        + units.stream()
                                .map(each -> each instanceof Integer wide ? Math.min(FEW_UNITS, wide) : each)
                                .toList());
            }
        }
        return "{" + String.join(", ", keys) + "}";
    }

    private static <C extends Record> boolean takes(BackboneFactory<C> factory, C config, Shape shape) {
        try {
            factory.create(config, shape, CLASSES);
            return true;
        } catch (IllegalArgumentException refused) {
            return false;
        }
    }

    Backbone create() {
        return create(inputShape, classes);
    }

    Backbone create(Shape shape, int numberOfClasses) {
        return factory.create(config, shape, numberOfClasses);
    }

    @Override
    public String toString() {
        return "backbone " + factory.name() + " " + config + " for " + inputShape + ", K = " + classes;
    }
}
