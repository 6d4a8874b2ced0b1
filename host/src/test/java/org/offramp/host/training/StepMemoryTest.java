package org.offramp.host.training;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StepMemoryTest {
    @Test
    void aNumberInAProductLivesUntilTheBackwardPass() {
        Engine engine = Engine.getInstance();
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray weight = manager.ones(new ai.djl.ndarray.types.Shape(4));
            weight.setRequiresGradient(true);
            for (int round = 0; round < 10; round++) {
                try (StepMemory memory = new StepMemory();
                        GradientCollector collector = engine.newGradientCollector()) {
                    NDArray sum = weight.mul(2f);
                    for (int i = 0; i < 30; i++) {
                        sum = sum.add(weight.mul(2f));
                    }
                    List<ByteBuffer> garbage = overwriteFreedMemory();
                    collector.backward(sum.sum());
                    assertThat(garbage).isNotEmpty();
                    memory.suppressNotUsedWarning();
                }
                try (NDArray gradient = weight.getGradient()) {
                    assertThat(gradient.toFloatArray()).containsOnly(62f);
                    gradient.subi(gradient);
                }
            }
        }
    }

    /** Lets the collector free what nobody holds, and takes that memory with other bytes. */
    private static List<ByteBuffer> overwriteFreedMemory() {
        List<ByteBuffer> garbage = new ArrayList<>();
        for (int round = 0; round < 3; round++) {
            System.gc();
            for (int i = 0; i < 2000; i++) {
                ByteBuffer buffer = ByteBuffer.allocateDirect(4).order(ByteOrder.nativeOrder());
                buffer.putFloat(0, 1e9f);
                garbage.add(buffer);
            }
        }
        return garbage;
    }

    @Test
    void whatAStepMadeIsClosed() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray made;
            try (StepMemory memory = new StepMemory()) {
                made = manager.create(3f);
                memory.suppressNotUsedWarning();
            }
            assertThat(made.isReleased()).isTrue();
        }
    }
}
