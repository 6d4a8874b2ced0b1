package org.offramp.host.bundle;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.offramp.host.bundle.EarlyExitModel.Prediction;
import org.offramp.host.inference.Answers;
import org.offramp.host.inference.SampleStream;

/**
 * A model that answers single requests as they come, regrouped before every stage; made by {@link EarlyExitModel#stream}. Thread-safe. It
 * keeps the model's weights open until it is closed itself.
 */
public final class EarlyExitStream implements AutoCloseable {
    private final EarlyExitModel model;
    private final Function<Answers, Prediction> reader;
    private final SampleStream stream;

    EarlyExitStream(EarlyExitModel model, Function<Answers, Prediction> reader, SampleStream stream) {
        this.model = model;
        this.reader = reader;
        this.stream = stream;
    }

    /**
     * Asks for an answer; waits while the stream is full.
     *
     * @param sample {@code inputShape().size()} values in row-major order, not normalised (images in 0 … 1)
     * @return the answer; fails alone, with {@link IllegalArgumentException} for a sample of another size or with a value that is not finite,
     *     or {@link org.offramp.host.inference.InferenceException} if the network cannot answer it. What depends on it runs on the stream's
     *     thread unless asked otherwise
     * @throws IllegalStateException if the stream was closed
     * @throws InterruptedException if interrupted while waiting for room; the sample was not taken
     */
    public CompletableFuture<Prediction> submit(float[] sample) throws InterruptedException {
        float[] values;
        try {
            values = model.prepared(sample);
        } catch (IllegalArgumentException e) {
            return CompletableFuture.failedFuture(e);
        }
        return stream.submit(values).thenApply(reader);
    }

    /**
     * Asks for an answer if there is room.
     *
     * @param sample as of {@link #submit}
     * @return as of {@link #submit}; empty if the stream is full
     */
    public Optional<CompletableFuture<Prediction>> offer(float[] sample) {
        float[] values;
        try {
            values = model.prepared(sample);
        } catch (IllegalArgumentException e) {
            return Optional.of(CompletableFuture.failedFuture(e));
        }
        return stream.offer(values).map(answer -> answer.thenApply(reader));
    }

    /** Takes no more requests and answers those it has. */
    @Override
    public void close() {
        stream.close();
        model.close();
    }
}
