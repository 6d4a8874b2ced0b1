package org.offramp.host.graph;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.internal.NDArrayEx;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Runs operations for real on wrapped arrays and writes each down. Every {@code NDArray}, {@code NDArrayEx} and {@code NDManager}
 * that a Block sees is a {@link Proxy} around the engine's own; methods with a default body are taken apart into those without.
 */
final class Recorder {
    private static final Set<String> LIFE = Set.of(
            "attach", "detach", "tempAttach", "close", "setName", "setRequiresGradient", "returnResource", "cap");
    private static final Set<String> LOOKS = Set.of(
            "getName",
            "getUid",
            "getDataType",
            "getDevice",
            "getShape",
            "getSparseFormat",
            "hasGradient",
            "isReleased",
            "isEmpty",
            "size",
            "isScalar",
            "isSparse",
            "toString",
            "hashCode",
            "toDebugString");
    private static final Set<String> READS = Set.of("toByteBuffer", "toStringArray", "contentEquals");
    private static final Set<String> CHANCE = Set.of(
            "randomInteger",
            "randomPermutation",
            "randomUniform",
            "randomNormal",
            "truncatedNormal",
            "randomMultinomial",
            "sampleNormal",
            "samplePoisson",
            "sampleGamma");

    /** What a recording is for. */
    enum Purpose {
        /** To count: what cannot be written down is noted as unknown and goes on. */
        COUNTING,
        /** To compile for inference. */
        INFERENCE,
        /** To compile for training: chance by dropout and batch statistics are allowed, gradients end where the Block says so. */
        TRAINING
    }

    private final Purpose purpose;
    private final IdentityHashMap<NDArray, String> forbidden = new IdentityHashMap<>();
    private final Map<Integer, Parameter> parameters = new LinkedHashMap<>();
    private final List<Operation> operations = new ArrayList<>();
    private final Map<Integer, NDArray> constants = new LinkedHashMap<>();
    private final Map<Integer, Shape> shapes = new LinkedHashMap<>();
    private final List<Integer> inputs = new ArrayList<>();
    private int values;

    /**
     * A recorder.
     *
     * @param purpose what it is for
     * @param parameters by name: their arrays may only be had through the parameter store
     */
    Recorder(Purpose purpose, Map<String, Parameter> parameters) {
        this.purpose = purpose;
        parameters.forEach((name, parameter) -> forbidden.put(parameter.getArray(), name));
    }

    NDArray input(NDArray real) {
        int id = number(real);
        inputs.add(id);
        return array(real, id);
    }

    NDArray parameter(Parameter parameter, NDArray copy) {
        parameters.put(values, parameter);
        return constant(copy);
    }

    private NDArray constant(NDArray real) {
        int id = number(real);
        constants.put(id, real);
        return array(real, id);
    }

    Graph graph(NDList outputs) {
        Map<Integer, Tensor> tensors = new LinkedHashMap<>();
        List<Integer> results = outputs.stream().map(this::idOf).toList();
        constants.forEach((id, array) -> {
            // Not the copy: running statistics changed in it meanwhile.
            Parameter parameter = parameters.get(id);
            tensors.put(id, Tensor.of(parameter == null ? array : parameter.getArray()));
        });
        return new Graph(List.copyOf(inputs), List.copyOf(operations), tensors, parameters, results, shapes, List.of());
    }

    /** The multiply-accumulates noted so far. */
    long macs() {
        return new Graph(inputs, operations, Map.of(), Map.of(), List.of(), shapes, List.of()).macs();
    }

    private int number(NDArray real) {
        shapes.put(values, real.getShape());
        return values++;
    }

    private NDArray array(NDArray real, int id) {
        return proxy(NDArray.class, new ArrayHandler(real, id));
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(Recorder.class.getClassLoader(), new Class<?>[] {type}, handler));
    }

    private static @Nullable Object handlerOf(@Nullable Object value) {
        return value != null && Proxy.isProxyClass(value.getClass()) ? Proxy.getInvocationHandler(value) : null;
    }

    private static @Nullable Object real(@Nullable Object value) {
        Object handler = handlerOf(value);
        if (handler instanceof ArrayHandler array) {
            return array.real;
        }
        if (handler instanceof ManagerHandler manager) {
            return manager.real;
        }
        if (handler instanceof InternalHandler internal) {
            return internal.real;
        }
        if (value instanceof NDList list) {
            NDList reals = new NDList(list.size());
            list.forEach(array -> reals.add((NDArray) java.util.Objects.requireNonNull(real(array))));
            return reals;
        }
        if (value instanceof NDArray[] arrays) {
            return Arrays.stream(arrays).map(Recorder::real).toArray(NDArray[]::new);
        }
        return value;
    }

    /** The number of an array; one that was not recorded is a constant, unless it is a parameter that was taken directly. */
    private int idOf(NDArray array) {
        if (handlerOf(array) instanceof ArrayHandler handler) {
            return handler.id;
        }
        String name = forbidden.get(array);
        if (name != null) {
            refuse("uses the parameter '" + name + "' without asking the parameter store for it");
        }
        int id = number(array);
        constants.put(id, array);
        return id;
    }

    private Argument argument(@Nullable Object value) {
        if (value instanceof NDArray array) {
            return new Argument.Value(idOf(array));
        }
        if (value instanceof NDList list) {
            return new Argument.Values(list.stream().map(this::idOf).toList());
        }
        return Argument.of(value);
    }

    private void refuse(String why) {
        if (purpose != Purpose.COUNTING) {
            throw new UntraceableException(blockUnderWay() + " " + why);
        }
    }

    /** The innermost Block on the call stack that is not one of DJL's base classes. */
    private static String blockUnderWay() {
        return StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE)
                .walk(frames -> frames.map(StackWalker.StackFrame::getDeclaringClass)
                        .filter(type -> Block.class.isAssignableFrom(type))
                        .filter(type -> !java.lang.reflect.Modifier.isAbstract(type.getModifiers()))
                        .findFirst()
                        .map(type -> "the block " + type.getName())
                        .orElse("the network"));
    }

    /** The engine's operation, called on an array that is not recorded, that now asks for the bytes of one that is. */
    private static Optional<String> operationOfAnotherArray() {
        return StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE)
                .walk(frames -> frames.takeWhile(frame -> !Block.class.isAssignableFrom(frame.getDeclaringClass()))
                        .filter(frame ->
                                frame.getDeclaringClass().getName().startsWith("ai.djl.pytorch.engine.PtNDArray"))
                        .map(StackWalker.StackFrame::getMethodName)
                        .reduce((first, last) -> last));
    }

    private NDArray note(String function, NDArray result, @Nullable Object... arguments) {
        List<Argument> translated = new ArrayList<>();
        for (Object argument : arguments) {
            translated.add(argument(argument));
        }
        int id = number(result);
        operations.add(new Operation(function, translated, id, result.getShape(), result.getDataType()));
        return array(result, id);
    }

    private @Nullable Object unknown(Method method, @Nullable Object receiver, @Nullable Object[] given)
            throws Throwable {
        refuse("uses the operation " + method.getName()
                + Arrays.stream(method.getParameterTypes())
                        .map(Class::getSimpleName)
                        .collect(Collectors.joining(", ", "(", ")"))
                + ", which Offramp cannot compile");
        Object result = call(method, receiver, given);
        String name = Operation.UNKNOWN + method.getName();
        @Nullable
        Object[] read = Arrays.stream(given)
                .filter(each -> each instanceof NDArray || each instanceof NDList)
                .toArray();
        if (result instanceof NDArray array) {
            return note(name, array, read);
        }
        if (result instanceof NDList list) {
            NDList noted = new NDList(list.size());
            // The work is done once, whatever it gives.
            list.forEach(array -> noted.add(note(name, array, noted.isEmpty() ? read : new Object[0])));
            return noted;
        }
        return result;
    }

    private static @Nullable Object call(Method method, @Nullable Object receiver, @Nullable Object[] given)
            throws Throwable {
        Object[] reals = new Object[given.length];
        for (int i = 0; i < given.length; i++) {
            reals[i] = real(given[i]);
        }
        try {
            return method.invoke(receiver, reals);
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }

    private static NDArray array(@Nullable Object value) {
        return (NDArray) java.util.Objects.requireNonNull(value);
    }

    private static NDArray one(@Nullable Object value) {
        return value instanceof NDList list ? list.singletonOrThrow() : array(value);
    }

    private abstract static class Handler implements InvocationHandler {
        @Override
        public @Nullable Object invoke(Object proxy, Method method, @Nullable Object @Nullable [] arguments)
                throws Throwable {
            @Nullable Object[] given = arguments == null ? new Object[0] : arguments;
            if (method.getName().equals("equals") && given.length == 1) {
                return proxy == given[0];
            }
            return handle(proxy, method, given);
        }

        abstract @Nullable Object handle(Object proxy, Method method, @Nullable Object[] given) throws Throwable;
    }

    private final class ManagerHandler extends Handler {
        private final NDManager real;

        ManagerHandler(NDManager real) {
            this.real = real;
        }

        @Override
        @Nullable
        Object handle(Object proxy, Method method, @Nullable Object[] given) throws Throwable {
            String name = method.getName();
            if (LIFE.contains(name) || name.endsWith("Internal")) {
                return null;
            }
            if (name.equals("ret") || (name.equals("from") && handlerOf(given[0]) instanceof ArrayHandler)) {
                return given[0];
            }
            if (CHANCE.contains(name)) {
                refuse("draws random numbers (" + name + ")");
            }
            Object result = call(method, real, given);
            if (result instanceof NDArray array) {
                return constant(array);
            }
            if (result instanceof NDManager manager) {
                return proxy(NDManager.class, new ManagerHandler(manager));
            }
            return result;
        }
    }

    private final class ArrayHandler extends Handler {
        private NDArray real;
        private int id;

        ArrayHandler(NDArray real, int id) {
            this.real = real;
            this.id = id;
        }

        @Override
        @Nullable
        Object handle(Object proxy, Method method, @Nullable Object[] given) throws Throwable {
            String name = method.getName();
            if (LIFE.contains(name)) {
                return null;
            }
            if (LOOKS.contains(name)) {
                return call(method, real, given);
            }
            if (name.equals("getManager")) {
                return proxy(NDManager.class, new ManagerHandler(real.getManager()));
            }
            if (name.equals("getNDArrayInternal")) {
                return proxy(NDArrayEx.class, new InternalHandler(real.getNDArrayInternal(), proxy));
            }
            if (READS.contains(name)) {
                read(name);
                return call(method, real, given);
            }
            if (name.equals("get") && given.length > 0 && given[given.length - 1] instanceof NDIndex index) {
                return Indexing.note(Recorder.this::note, (NDArray) proxy, real, index)
                        .orElseGet(() -> missing("get(" + index + ")", () -> real.get(index)));
            }
            if (name.equals("stopGradient") && purpose == Purpose.TRAINING) {
                return note("torch.detach", array(call(method, real, given)), proxy);
            }
            @Nullable
            NDArray noted = Vocabulary.ofArray(
                    Recorder.this::note, (NDArray) proxy, real, name, given, () -> array(call(method, real, given)));
            if (noted != null) {
                return noted;
            }
            if (isInPlace(method)) {
                Method pure = NDArray.class.getMethod(name.substring(0, name.length() - 1), method.getParameterTypes());
                NDArray result = array(handle(proxy, pure, given));
                ArrayHandler changed = (ArrayHandler) Proxy.getInvocationHandler(result);
                real = changed.real;
                id = changed.id;
                return proxy;
            }
            if (method.isDefault()) {
                return InvocationHandler.invokeDefault(proxy, method, given);
            }
            return unknown(method, real, given);
        }

        /** Reading is allowed on a constant, but not on a parameter: its value changes. */
        private void read(String name) {
            Optional<String> operation = operationOfAnotherArray();
            if (operation.isPresent()) {
                refuse("calls " + operation.orElseThrow()
                        + " on an array that was not made from its inputs, with one that was; turn the operands round");
            }
            if (parameters.containsKey(id)) {
                refuse("reads the value of a parameter (" + name + ")");
            }
            if (!constants.containsKey(id)) {
                refuse("reads a value that depends on the input (" + name + ")");
            }
        }

        private NDArray missing(String what, Supplier<NDArray> really) {
            refuse("uses the operation " + what + ", which Offramp cannot compile");
            return note(Operation.UNKNOWN + what, really.get());
        }

        private static boolean isInPlace(Method method) {
            return Set.of("addi", "subi", "muli", "divi", "powi", "negi", "signi")
                    .contains(method.getName());
        }
    }

    private final class InternalHandler extends Handler {
        private final NDArrayEx real;
        private final Object receiver;

        InternalHandler(NDArrayEx real, Object receiver) {
            this.real = real;
            this.receiver = receiver;
        }

        @Override
        @Nullable
        Object handle(Object proxy, Method method, @Nullable Object[] given) throws Throwable {
            if (method.getName().equals("getArray")) {
                return receiver;
            }
            NDArray self = (NDArray) receiver;
            @Nullable
            NDArray noted = Vocabulary.ofInternal(
                    Recorder.this::note,
                    self,
                    method.getName(),
                    given,
                    purpose == Purpose.TRAINING,
                    () -> one(call(method, real, given)));
            if (noted != null) {
                return method.getReturnType() == NDList.class ? new NDList(noted) : noted;
            }
            if (method.isDefault()) {
                return InvocationHandler.invokeDefault(proxy, method, given);
            }
            return unknown(method, real, given);
        }
    }

    /** Writes an operation down. */
    @FunctionalInterface
    interface Note {
        /**
         * Writes down.
         *
         * @param function the function's name in TorchScript
         * @param result what it really gave
         * @param arguments recorded arrays, numbers and lists
         * @return the recorded result
         */
        NDArray of(String function, NDArray result, @Nullable Object... arguments);
    }

    /** Runs the operation for real. */
    @FunctionalInterface
    interface Really {
        NDArray run() throws Throwable;
    }
}
