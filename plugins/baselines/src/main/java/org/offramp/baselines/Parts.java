package org.offramp.baselines;

import java.util.LinkedHashSet;
import java.util.Set;
import org.offramp.api.HeadOutput;
import org.offramp.api.Part;

/** The parts that the trainers here train. */
final class Parts {
    private Parts() {}

    /** Every stage of a network of so many exits. */
    static Set<Part> stages(int exits) {
        Set<Part> parts = new LinkedHashSet<>();
        for (int exit = 1; exit <= exits; exit++) {
            parts.add(new Part.OfStage(exit));
        }
        return parts;
    }

    /** The classifier heads of every exit but the last, whose classifier belongs to the backbone. */
    static Set<Part> heads(int exits) {
        Set<Part> parts = new LinkedHashSet<>();
        for (int exit = 1; exit < exits; exit++) {
            parts.add(new Part.OfHead(exit, HeadOutput.LOGITS));
        }
        return parts;
    }

    /** Both. */
    static Set<Part> stagesAndHeads(int exits) {
        Set<Part> parts = stages(exits);
        parts.addAll(heads(exits));
        return parts;
    }
}
