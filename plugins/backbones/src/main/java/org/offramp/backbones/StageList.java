package org.offramp.backbones;

import ai.djl.ndarray.types.Shape;
import java.util.List;
import org.offramp.api.Backbone;
import org.offramp.api.Stage;

/** A backbone as a plain list of stages. */
record StageList(Shape inputShape, int classes, List<Stage> stages) implements Backbone {
    StageList {
        stages = List.copyOf(stages);
    }
}
