package org.offramp.api;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Documents and bounds one configuration key: a component of a configuration record. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Key {
    /** One sentence for the reference and the editor, with the unit where there is one. */
    String value();

    /** The default, written as in YAML (flow style for lists); the empty string means that the key is required. */
    String defaultValue() default "";

    /** The least value of a number, or of every number of a list; inclusive. */
    double min() default Double.NEGATIVE_INFINITY;

    /** The greatest value of a number, or of every number of a list; inclusive. */
    double max() default Double.POSITIVE_INFINITY;
}
