package org.offramp.host.graph;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.index.dim.NDIndexAll;
import ai.djl.ndarray.index.dim.NDIndexElement;
import ai.djl.ndarray.index.dim.NDIndexFixed;
import ai.djl.ndarray.index.dim.NDIndexNull;
import ai.djl.ndarray.index.dim.NDIndexSlice;
import java.util.List;
import java.util.Optional;

/** Says {@code array.get(index)} as slices and selections. */
final class Indexing {
    private Indexing() {}

    /** The result; empty where the index holds more than slices, fixed places and new axes. */
    static Optional<NDArray> note(Recorder.Note note, NDArray self, NDArray real, NDIndex index) {
        List<NDIndexElement> elements = index.getIndices();
        for (NDIndexElement element : elements) {
            if (!(element instanceof NDIndexAll
                    || element instanceof NDIndexFixed
                    || element instanceof NDIndexSlice
                    || element instanceof NDIndexNull)) {
                return Optional.empty();
            }
        }
        NDArray result = real.get(index);
        NDArray current = self;
        int axis = 0;
        long fill = real.getShape().dimension()
                - elements.stream()
                        .filter(element -> !(element instanceof NDIndexNull))
                        .count();
        for (int i = 0; i < elements.size(); i++) {
            if (i == index.getEllipsisIndex()) {
                axis += (int) fill;
            }
            NDIndexElement element = elements.get(i);
            if (element instanceof NDIndexFixed fixed) {
                current = note.of("torch.select", result, current, axis, fixed.getIndex());
                continue;
            }
            if (element instanceof NDIndexNull) {
                current = note.of("torch.unsqueeze", result, current, axis);
            } else if (element instanceof NDIndexSlice slice) {
                current = note.of(
                        "torch.slice",
                        result,
                        current,
                        axis,
                        slice.getMin(),
                        slice.getMax(),
                        slice.getStep() == null ? Long.valueOf(1) : slice.getStep());
            }
            axis++;
        }
        return Optional.of(current == self ? note.of("torch.alias", result, self) : current);
    }
}
