package org.offramp.host.config;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/** Reads YAML into nodes that know their lines, with {@code --set} changes applied. */
final class YamlReader {
    private static final Pattern STEP = Pattern.compile("([^.\\[\\]]+)|\\[(\\d+)]");

    private YamlReader() {}

    /** A document. */
    static Node read(String text, String file) {
        LoaderOptions options = new LoaderOptions();
        options.setMaxAliasesForCollections(200);
        options.setCodePointLimit(4 << 20);
        try {
            Node node = new Yaml(options).compose(new StringReader(text));
            if (node == null) {
                throw new ConfigurationException(List.of(file + ": the file is empty"));
            }
            return node;
        } catch (MarkedYAMLException e) {
            int line = e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1;
            throw new ConfigurationException(List.of(file + ":" + line + ": not YAML: " + e.getProblem()));
        }
    }

    /** A value written in YAML outside a file. */
    static Node fragment(String text, String place) {
        return marked(read(text, place), new Mark("--set " + place, 0, 0, 0, new int[0], 0));
    }

    private static Node marked(Node node, Mark mark) {
        if (node instanceof ScalarNode scalar) {
            return new ScalarNode(scalar.getTag(), scalar.getValue(), mark, mark, scalar.getScalarStyle());
        }
        if (node instanceof SequenceNode sequence) {
            List<Node> elements = new ArrayList<>();
            sequence.getValue().forEach(element -> elements.add(marked(element, mark)));
            return new SequenceNode(sequence.getTag(), true, elements, mark, mark, sequence.getFlowStyle());
        }
        if (node instanceof MappingNode mapping) {
            List<NodeTuple> tuples = new ArrayList<>();
            mapping.getValue()
                    .forEach(tuple -> tuples.add(
                            new NodeTuple(marked(tuple.getKeyNode(), mark), marked(tuple.getValueNode(), mark))));
            return new MappingNode(mapping.getTag(), true, tuples, mark, mark, mapping.getFlowStyle());
        }
        return node;
    }

    /** Applies one {@code path=value}. */
    static void set(Node root, String change) {
        int equals = change.indexOf('=');
        if (equals < 1) {
            throw new ConfigurationException(
                    List.of("--set " + change + ": write path=value, such as data.path=folder"));
        }
        String path = change.substring(0, equals);
        Node value = fragment(change.substring(equals + 1).isEmpty() ? "''" : change.substring(equals + 1), path);
        List<Object> steps = new ArrayList<>();
        Matcher matcher = STEP.matcher(path);
        while (matcher.find()) {
            steps.add(matcher.group(1) != null ? matcher.group(1) : (Object) Integer.valueOf(matcher.group(2)));
        }
        Node at = root;
        for (int i = 0; i < steps.size(); i++) {
            boolean last = i == steps.size() - 1;
            at = step(at, steps.get(i), last ? value : null, path);
        }
    }

    private static Node step(Node at, Object step, @Nullable Node value, String path) {
        if (step instanceof String key && at instanceof MappingNode mapping) {
            List<NodeTuple> tuples = mapping.getValue();
            for (int i = 0; i < tuples.size(); i++) {
                NodeTuple tuple = tuples.get(i);
                if (tuple.getKeyNode() instanceof ScalarNode name
                        && name.getValue().equals(key)) {
                    if (value != null) {
                        tuples.set(i, new NodeTuple(tuple.getKeyNode(), value));
                        return value;
                    }
                    return tuple.getValueNode();
                }
            }
            Node added = value != null
                    ? value
                    : new MappingNode(Tag.MAP, new ArrayList<>(), org.yaml.snakeyaml.DumperOptions.FlowStyle.BLOCK);
            tuples.add(new NodeTuple(fragment("'" + key + "'", path), added));
            return added;
        }
        if (step instanceof Integer index && at instanceof SequenceNode sequence) {
            if (index >= sequence.getValue().size()) {
                throw new ConfigurationException(List.of("--set " + path + ": there is no [" + index
                        + "]; the list has " + sequence.getValue().size() + " entries"));
            }
            if (value != null) {
                sequence.getValue().set(index, value);
                return value;
            }
            return sequence.getValue().get(index);
        }
        throw new ConfigurationException(
                List.of("--set " + path + ": '" + step + "' does not fit " + RecordBinder.shown(at)));
    }
}
