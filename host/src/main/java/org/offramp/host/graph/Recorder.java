package org.offramp.host.graph;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.internal.NDArrayEx;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Runs operations for real on wrapped arrays and notes what they multiply. Every {@code NDArray}, {@code NDArrayEx} and
 * {@code NDManager} that a Block sees is a {@link Proxy} around the engine's own.
 */
final class Recorder {
    private static final Set<String> MATRIX_PRODUCTS = Set.of("dot", "matMul", "batchMatMul", "batchDot");

    private long macs;

    long macs() {
        return macs;
    }

    NDArray record(NDArray real) {
        return proxy(NDArray.class, real);
    }

    private <T> T proxy(Class<T> type, T real) {
        return type.cast(
                Proxy.newProxyInstance(Recorder.class.getClassLoader(), new Class<?>[] {type}, new Handler(real)));
    }

    private @Nullable Object wrap(@Nullable Object value) {
        if (value instanceof NDArray array) {
            return record(array);
        }
        if (value instanceof NDList list) {
            NDList wrapped = new NDList(list.size());
            list.forEach(array -> wrapped.add(record(array)));
            return wrapped;
        }
        if (value instanceof NDArrayEx internal) {
            return proxy(NDArrayEx.class, internal);
        }
        if (value instanceof NDManager manager) {
            return proxy(NDManager.class, manager);
        }
        return value;
    }

    private static @Nullable Object unwrap(@Nullable Object value) {
        if (value instanceof NDList list) {
            NDList real = new NDList(list.size());
            list.forEach(array -> real.add((NDArray) unwrapOne(array)));
            return real;
        }
        if (value instanceof Object[] array && value.getClass().getComponentType() == NDArray.class) {
            return Arrays.stream(array).map(Recorder::unwrapOne).toArray(NDArray[]::new);
        }
        return value == null ? null : unwrapOne(value);
    }

    private static Object unwrapOne(Object value) {
        return Proxy.isProxyClass(value.getClass()) && Proxy.getInvocationHandler(value) instanceof Handler handler
                ? handler.real
                : value;
    }

    private void count(String operation, @Nullable Object real, Object[] arguments, @Nullable Object result) {
        if (operation.equals("convolution")
                && result instanceof NDList list
                && arguments[1] instanceof NDArray weight) {
            // weight: (out, in / groups, kernel…); every output value uses one filter's weights once.
            long perOutput = weight.getShape().size() / weight.getShape().get(0);
            macs += perOutput * list.get(0).getShape().size();
        } else if (operation.equals("linear")
                && result instanceof NDList list
                && arguments[1] instanceof NDArray weight) {
            macs += weight.getShape().getLastDimension()
                    * list.get(0).getShape().size();
        } else if (MATRIX_PRODUCTS.contains(operation)
                && real instanceof NDArray left
                && result instanceof NDArray product) {
            macs += left.getShape().getLastDimension() * product.getShape().size();
        }
    }

    private final class Handler implements InvocationHandler {
        private final Object real;

        Handler(Object real) {
            this.real = real;
        }

        @Override
        public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] given) throws Throwable {
            Object[] arguments = given == null ? new Object[0] : given.clone();
            for (int i = 0; i < arguments.length; i++) {
                arguments[i] = unwrap(arguments[i]);
            }
            try {
                Object result = method.invoke(real, arguments);
                count(method.getName(), real, arguments, result);
                return wrap(result);
            } catch (InvocationTargetException e) {
                throw e.getCause() == null ? e : e.getCause();
            }
        }
    }
}
