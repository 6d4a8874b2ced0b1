package org.offramp.api;

import java.io.IOException;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Everything that code outside a module can see of it, as text: a line per member, sorted, with the names of parameters. */
final class ApiListing {
    private static final Pattern SHORTENED =
            Pattern.compile("\\b(java\\.lang|java\\.util|org\\.offramp\\.api)\\.(?=[A-Z])");
    private static final String INDENT = "    ";

    private final StringBuilder text = new StringBuilder();

    private ApiListing() {}

    /**
     * Lists the public types of a folder of classes.
     *
     * @param classes the folder
     */
    static String of(Path classes) throws IOException {
        ApiListing listing = new ApiListing();
        try (Stream<Path> files = Files.walk(classes)) {
            files.map(file -> classes.relativize(file).toString().replace('\\', '/'))
                    .filter(file -> file.endsWith(".class") && !file.endsWith("-info.class"))
                    .map(file -> load(
                            file.substring(0, file.length() - ".class".length()).replace('/', '.')))
                    .filter(ApiListing::isVisible)
                    .sorted(Comparator.comparing(Class::getName))
                    .forEach(listing::type);
        }
        return listing.text.toString();
    }

    /**
     * Lists one type.
     *
     * @param type any type
     */
    static String of(Class<?> type) {
        ApiListing listing = new ApiListing();
        listing.type(type);
        return listing.text.toString();
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name, false, ApiListing.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(name, e);
        }
    }

    private static boolean isVisible(Class<?> type) {
        Class<?> outer = type.getDeclaringClass();
        return !type.isAnonymousClass() && isVisible(type.getModifiers()) && (outer == null || isVisible(outer));
    }

    private static boolean isVisible(int modifiers) {
        return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
    }

    private void type(Class<?> type) {
        text.append('\n');
        marks(type, "");
        text.append(header(type)).append('\n');
        List<String> members = new ArrayList<>();
        Arrays.stream(type.isRecord() ? type.getRecordComponents() : new RecordComponent[0])
                .forEach(component ->
                        text.append(INDENT).append(component(component)).append('\n'));
        fields(type);
        Stream.of(type.getDeclaredConstructors())
                .filter(member -> !type.isEnum() && isVisible(member.getModifiers()))
                .forEach(member -> members.add(marked(member) + constructor(type, member)));
        Stream.of(type.getDeclaredMethods())
                .filter(member -> isVisible(member.getModifiers()) && !member.isSynthetic())
                .filter(member -> !isImplied(type, member))
                .forEach(member -> members.add(marked(member) + method(member)));
        members.stream()
                .sorted(Comparator.comparing(ApiListing::sortKey))
                .forEach(line -> line.lines()
                        .forEach(part -> text.append(INDENT).append(part).append('\n')));
    }

    /** Constructors first, then by name and parameters. */
    private static String sortKey(String member) {
        String signature = member.substring(member.lastIndexOf('\n') + 1);
        int name = signature.lastIndexOf(' ', signature.indexOf('(')) + 1;
        return (signature.contains("new ") ? "0" : "1") + signature.substring(name);
    }

    private static String header(Class<?> type) {
        StringBuilder line = new StringBuilder();
        int hidden = Modifier.ABSTRACT | Modifier.STATIC | Modifier.INTERFACE;
        boolean implied = type.isEnum() || type.isRecord();
        if (type.isSealed()) {
            line.append("sealed ");
        }
        if (!type.isInterface() && Modifier.isAbstract(type.getModifiers())) {
            line.append("abstract ");
        }
        String modifiers =
                Modifier.toString(type.getModifiers() & ~hidden & ~Modifier.PUBLIC & ~(implied ? Modifier.FINAL : 0));
        line.append(modifiers.isEmpty() ? "" : modifiers + " ");
        line.append(word(type)).append(' ').append(name(type)).append(variables(type.getTypeParameters()));
        Type parent = type.getGenericSuperclass();
        if (parent != null && parent != Object.class && !implied) {
            line.append(" extends ").append(shown(parent));
        }
        Type[] interfaces = type.isAnnotation() ? new Type[0] : type.getGenericInterfaces();
        if (interfaces.length > 0) {
            line.append(type.isInterface() ? " extends " : " implements ").append(list(interfaces, ApiListing::shown));
        }
        if (type.isSealed()) {
            line.append(" permits ").append(list(type.getPermittedSubclasses(), ApiListing::name));
        }
        return line.toString();
    }

    private static String word(Class<?> type) {
        if (type.isAnnotation()) {
            return "annotation";
        }
        if (type.isEnum()) {
            return "enum";
        }
        return type.isRecord() ? "record" : type.isInterface() ? "interface" : "class";
    }

    private void fields(Class<?> type) {
        for (Field field : type.getDeclaredFields()) {
            if (isVisible(field.getModifiers()) && Modifier.isStatic(field.getModifiers())) {
                marks(field, INDENT);
                text.append(INDENT)
                        .append(field.isEnumConstant() ? field.getName() : "static " + constant(field))
                        .append('\n');
            }
        }
    }

    private static String constant(Field field) {
        String declared = shown(field.getGenericType()) + " " + field.getName();
        try {
            boolean plain = field.getType() == String.class || field.getType().isPrimitive();
            return plain ? declared + " = " + field.get(null) : declared;
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(declared, e);
        }
    }

    private static String component(RecordComponent component) {
        String line = shown(component.getGenericType()) + " " + component.getName();
        Key key = component.getAnnotation(Key.class);
        if (key == null) {
            return line;
        }
        boolean bounded = key.min() != Double.NEGATIVE_INFINITY || key.max() != Double.POSITIVE_INFINITY;
        return line + "  key, default " + key.defaultValue()
                + (bounded ? ", from " + key.min() + " to " + key.max() : "");
    }

    /** What a record or an enum has without being asked for it. */
    private static boolean isImplied(Class<?> type, Method method) {
        boolean ofObject = List.of("equals", "hashCode", "toString").contains(method.getName());
        boolean ofEnum = type.isEnum() && List.of("values", "valueOf").contains(method.getName());
        boolean accessor = type.isRecord()
                && Arrays.stream(type.getRecordComponents())
                        .anyMatch(component -> component.getAccessor().equals(method));
        return ofObject || ofEnum || accessor;
    }

    private static String constructor(Class<?> type, Constructor<?> constructor) {
        return modifiers(constructor) + "new " + name(type) + parameters(constructor);
    }

    private static String method(Method method) {
        String variables = variables(method.getTypeParameters());
        Object value = method.getDefaultValue();
        return (method.isDefault() ? "default " : "") + modifiers(method) + (variables.isEmpty() ? "" : variables + " ")
                + shown(method.getGenericReturnType()) + " " + method.getName() + parameters(method)
                + (value == null ? "" : " default " + (value.equals("") ? "\"\"" : value));
    }

    private static String modifiers(Executable member) {
        int shown = Modifier.STATIC | Modifier.PROTECTED | Modifier.FINAL;
        boolean inInterface = member.getDeclaringClass().isInterface();
        boolean isAbstract = !inInterface && Modifier.isAbstract(member.getModifiers());
        String modifiers = Modifier.toString(member.getModifiers() & shown);
        return (modifiers.isEmpty() ? "" : modifiers + " ") + (isAbstract ? "abstract " : "");
    }

    private static String parameters(Executable member) {
        Parameter[] parameters = member.getParameters();
        String thrown = list(member.getGenericExceptionTypes(), ApiListing::shown);
        return "("
                + list(parameters, parameter -> shown(parameter.getParameterizedType()) + " " + parameter.getName())
                + ")" + (thrown.isEmpty() ? "" : " throws " + thrown);
    }

    private static String variables(TypeVariable<?>[] variables) {
        return variables.length == 0
                ? ""
                : "<"
                        + list(variables, variable -> {
                            String bounds = list(variable.getBounds(), ApiListing::shown);
                            return variable + (bounds.equals("Object") ? "" : " extends " + bounds);
                        })
                        + ">";
    }

    private static <T> String list(T[] parts, Function<? super T, String> shown) {
        return Arrays.stream(parts).map(shown).collect(Collectors.joining(", "));
    }

    private static String name(Class<?> type) {
        return shown(type);
    }

    private static String shown(Type type) {
        return SHORTENED.matcher(type.getTypeName()).replaceAll("").replace('$', '.');
    }

    private void marks(AnnotatedElement element, String indent) {
        marked(element).lines().forEach(line -> text.append(indent).append(line).append('\n'));
    }

    private static String marked(AnnotatedElement element) {
        Experimental experimental = element.getAnnotation(Experimental.class);
        boolean function = element.isAnnotationPresent(FunctionalInterface.class);
        return (experimental == null ? "" : "@Experimental: " + experimental.value() + "\n")
                + (function ? "@FunctionalInterface\n" : "");
    }
}
