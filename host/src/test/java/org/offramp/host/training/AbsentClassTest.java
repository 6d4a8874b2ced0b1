package org.offramp.host.training;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Blocks;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.offramp.api.Backbone;
import org.offramp.api.Stage;
import org.offramp.host.data.DataSplits;
import org.offramp.host.data.Normalization;
import org.offramp.host.network.Network;
import org.offramp.host.testing.Blobs;
import org.offramp.host.testing.Relabelled;

/** A file that is sorted by class, of which only the first samples are taken, holds some classes only: whoever reads the run is told. */
class AbsentClassTest {
    private static List<String> notes(int classes, List<String> said) {
        DataSplits splits = DataSplits.of(
                new Relabelled(new Blobs(200, 20), (id, label) -> label % classes),
                0.2,
                0.2,
                false,
                Normalization.Kind.CHANNEL,
                1);
        try (Network network = Network.assemble(
                Backbone.of(
                        new Shape(1, 8, 8),
                        4,
                        List.of(new Stage(
                                "one",
                                new SequentialBlock()
                                        .add(Blocks.batchFlattenBlock())
                                        .add(Linear.builder().setUnits(4).build())))),
                List.of(),
                1)) {
            return Training.run(network, splits, List.of(), 1, listening(said), false)
                    .notes();
        }
    }

    private static Progress listening(List<String> said) {
        return new Progress() {
            @Override
            public Task begin(String name, long steps) {
                return NONE.begin(name, steps);
            }

            @Override
            public void say(String line) {
                said.add(line);
            }
        };
    }

    @Test
    void classesWithoutASampleAreNamed() {
        List<String> said = new ArrayList<>();
        assertThat(notes(2, said))
                .singleElement()
                .asString()
                .startsWith("data: none of the ")
                .contains(" training samples is of diagonals, checkers;");
        assertThat(said).isEqualTo(notes(2, new ArrayList<>()));
    }

    @Test
    void nothingIsSaidWhereAllAreThere() {
        assertThat(notes(4, new ArrayList<>())).isEmpty();
    }
}
