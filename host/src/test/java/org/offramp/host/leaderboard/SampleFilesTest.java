package org.offramp.host.leaderboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.offramp.host.metrics.LabelledAnswers;

class SampleFilesTest {
    private static final LabelledAnswers EXIT = new LabelledAnswers(
            new int[] {3, 4},
            new int[] {3, 5},
            new float[] {-0.1f, 1e-7f},
            new float[] {0.9f, 0.3f},
            new float[] {0.9f, 0.1f},
            new float[] {0.02f, 1.5f});
    private static final TestTrace TRACE = new TestTrace(List.of(EXIT, EXIT), new int[] {3, 4});
    private static final byte[] BYTES = SampleFiles.trace(new String[] {"a", "b"}, TRACE);

    @Test
    void whatIsWrittenIsReadToTheLastBit() throws IOException {
        TestTrace read = SampleFiles.trace(SampleFiles.rows("trace.csv.gz", BYTES, 2));
        assertThat(read.exits()).hasSize(2);
        assertThat(read.exits().get(1)).usingRecursiveComparison().isEqualTo(EXIT);
        assertThat(read.backbone()).containsExactly(3, 4);
    }

    @Test
    void aFileWithMoreOrFewerRowsIsRefused() {
        assertThatThrownBy(() -> SampleFiles.rows("trace.csv.gz", BYTES, 3))
                .hasMessage("trace.csv.gz: 2 rows instead of 3");
        assertThatThrownBy(() -> SampleFiles.rows("trace.csv.gz", BYTES, 1))
                .hasMessage("trace.csv.gz: more rows instead of 1");
    }

    @Test
    void aRowThatIsCutShortIsRefused() {
        byte[] bytes = SampleFiles.compress("id,label\na,1\nb\n");
        assertThatThrownBy(() -> SampleFiles.rows("samples.csv.gz", bytes, 2))
                .hasMessage("samples.csv.gz, line 3: 1 cells instead of 2");
    }
}
