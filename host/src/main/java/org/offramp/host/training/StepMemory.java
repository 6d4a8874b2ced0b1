package org.offramp.host.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDScope;
import java.lang.reflect.Field;
import java.nio.Buffer;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Closes every array that this thread makes in one training step, and keeps alive until then the Java memory that some of them live in.
 *
 * <p>DJL computes {@code x.mul(2f)} by wrapping a direct buffer that holds the 2 and drops the buffer when the method returns. But
 * automatic differentiation looks at the 2 again in the backward pass; if the garbage collector ran in between, it finds other
 * bytes there: wrong gradients, seldom and never twice the same.
 */
public final class StepMemory extends NDScope {
    private static final Field RESOURCES = field(NDScope.class, "resources");

    private final Keeper keeper = new Keeper();

    /** Begins here; ends when it is closed. */
    public StepMemory() {
        try {
            RESOURCES.set(this, keeper);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException("this DJL keeps its scope's arrays elsewhere", e);
        }
    }

    private static Field field(Class<?> type, String name) {
        try {
            Field field = type.getDeclaredField(name);
            field.setAccessible(true);
            return field;
        } catch (NoSuchFieldException e) {
            throw new IllegalStateException("this DJL has no field " + name + " in " + type, e);
        }
    }

    @Override
    public void close() {
        super.close();
        keeper.buffers.clear();
    }

    /** The scope's arrays, and the buffers they live in. */
    private static final class Keeper extends IdentityHashMap<NDArray, NDArray> {
        private static final long serialVersionUID = 1L;
        private static final ClassValue<Field> DATA = new ClassValue<>() {
            @Override
            protected Field computeValue(Class<?> type) {
                return field(type, "dataRef");
            }
        };

        private final transient List<Buffer> buffers = new ArrayList<>();

        @Override
        public @Nullable NDArray put(NDArray array, NDArray same) {
            try {
                if (DATA.get(array.getClass()).get(array) instanceof Buffer buffer) {
                    buffers.add(buffer);
                }
            } catch (IllegalAccessException e) {
                throw new IllegalStateException("this DJL hides where an array's memory is", e);
            }
            return super.put(array, same);
        }
    }
}
