package org.offramp.host.inference;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.offramp.api.Evidence;
import org.offramp.host.network.NetworkPlan;

/**
 * Answers single samples as they come: every stage runs on samples that wait before it, whenever they came, so that batches stay full
 * although samples leave on the way. One thread does the work; the number of samples in it is bounded. A sample that fails does not
 * hurt those it shares a batch with.
 */
public final class SampleStream implements AutoCloseable {
    private final NetworkPlan network;
    private final ExitRule rule;
    private final Settings settings;
    private final StageChoice choice;
    private final StageStep step;
    private final NDManager manager;
    private final CountDownLatch ended;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    private final Condition room = lock.newCondition();
    private final Deque<Request> entering = new ArrayDeque<>();
    private final Set<Request> inside = new HashSet<>();
    private boolean closing;

    /** Before stage 2 … N, only touched by the worker. */
    private final List<Deque<Waiting>> waiting = new ArrayList<>();

    /**
     * How a stream works.
     *
     * @param batch samples that a stage runs with at best
     * @param maxWait how long after its arrival a sample may still wait for others, at all stages together
     * @param capacity samples in the stream at most; whoever brings more waits
     */
    public record Settings(int batch, Duration maxWait, int capacity) {
        /** Batches of 64, waiting 5 ms at most, up to 1,024 samples. */
        public static final Settings DEFAULT = new Settings(EarlyExitRunner.MICRO_BATCH, Duration.ofMillis(5), 1024);

        /** Checks. */
        public Settings {
            if (batch < 1 || capacity < batch || maxWait.isNegative()) {
                throw new IllegalArgumentException("a stream with batch " + batch + ", max-wait " + maxWait
                        + ", capacity " + capacity
                        + "; allowed are a batch of at least 1, a capacity of at least the batch, a wait of 0 or more");
            }
        }
    }

    /** A sample in the stream. */
    private record Request(float[] values, long arrival, CompletableFuture<Answers> answer) {}

    /** A group before a stage with the requests of its samples, by position. */
    private record Waiting(Group group, Request[] requests) {
        long oldest() {
            return Arrays.stream(requests).mapToLong(Request::arrival).min().orElseThrow();
        }
    }

    /**
     * Starts a stream.
     *
     * @param network its outline
     * @param stages runs its stages; stays open as long as the stream
     * @param rule says who leaves; it sees samples by their positions in the stage's batch
     * @param settings how it works
     */
    public SampleStream(NetworkPlan network, StageRunner stages, ExitRule rule, Settings settings) {
        this.network = network;
        this.rule = rule;
        this.settings = settings;
        this.choice = new StageChoice(settings.batch(), settings.maxWait().toNanos());
        this.step = new StageStep(network, stages);
        this.manager = NDManager.newBaseManager();
        for (int exit = 1; exit < network.exits(); exit++) {
            waiting.add(new ArrayDeque<>());
        }
        this.ended = StreamThreads.start(this::work);
    }

    /**
     * Brings a sample; waits while the stream is full.
     *
     * @param values normalised, {@code inputShape().size()} of them; not written to later
     * @return its answer, of size 1; completes exceptionally with {@link InferenceException} if the sample cannot be answered. What depends
     *     on it runs on the stream's thread unless asked otherwise
     * @throws IllegalArgumentException if the number of values is not the network's
     * @throws IllegalStateException if the stream was closed
     * @throws InterruptedException if interrupted while waiting; the sample was not taken
     */
    public CompletableFuture<Answers> submit(float[] values) throws InterruptedException {
        check(values);
        lock.lockInterruptibly();
        try {
            while (!closing && inside.size() == settings.capacity()) {
                room.await();
            }
            return enter(values);
        } finally {
            lock.unlock();
        }
    }

    /**
     * Brings a sample if there is room.
     *
     * @param values as of {@link #submit}
     * @return its answer; empty if the stream is full
     */
    public Optional<CompletableFuture<Answers>> offer(float[] values) {
        check(values);
        lock.lock();
        try {
            return inside.size() == settings.capacity() && !closing ? Optional.empty() : Optional.of(enter(values));
        } finally {
            lock.unlock();
        }
    }

    private void check(float[] values) {
        if (values.length != network.inputShape().size()) {
            throw new IllegalArgumentException("a sample of " + values.length + " values; the network takes "
                    + network.inputShape().size() + ", of shape " + network.inputShape());
        }
    }

    private CompletableFuture<Answers> enter(float[] values) {
        if (closing) {
            throw new IllegalStateException("the stream was closed");
        }
        Request request = new Request(values, System.nanoTime(), new CompletableFuture<>());
        inside.add(request);
        entering.add(request);
        arrived.signal();
        return request.answer();
    }

    private void work() {
        try (manager) {
            for (Waiting next = next(); next != null; next = next()) {
                run(next);
            }
        } finally {
            abandon();
        }
    }

    /** After an error of the virtual machine nobody may wait for ever. */
    private void abandon() {
        List<Request> left;
        lock.lock();
        try {
            closing = true;
            left = List.copyOf(inside);
        } finally {
            lock.unlock();
        }
        left.forEach(request -> finish(
                request,
                () -> request.answer().completeExceptionally(new InferenceException("the stream's thread ended"))));
    }

    /** Waits for something to do; null when closed and empty. */
    private @Nullable Waiting next() {
        lock.lock();
        try {
            while (true) {
                int[] rows = new int[network.exits()];
                long[] oldest = new long[network.exits()];
                count(rows, oldest);
                long now = System.nanoTime();
                int stage = choice.next(rows, oldest, now, closing);
                if (stage != StageChoice.NONE) {
                    return stage == 0 ? admit() : gather(waiting.get(stage - 1), settings.batch());
                }
                if (closing) {
                    return null;
                }
                long pause = choice.untilNext(rows, oldest, now);
                if (pause == Long.MAX_VALUE) {
                    arrived.await();
                } else {
                    arrived.awaitNanos(pause);
                }
            }
        } catch (InterruptedException e) {
            // Nobody but a stranger interrupts the worker: what is inside is still answered, then it ends.
            closing = true;
            room.signalAll();
            return next();
        } finally {
            lock.unlock();
        }
    }

    private void count(int[] rows, long[] oldest) {
        rows[0] = entering.size();
        if (!entering.isEmpty()) {
            oldest[0] = entering.getFirst().arrival();
        }
        for (int stage = 1; stage < rows.length; stage++) {
            for (Waiting some : waiting.get(stage - 1)) {
                oldest[stage] = rows[stage] == 0 ? some.oldest() : Math.min(oldest[stage], some.oldest());
                rows[stage] += some.requests().length;
            }
        }
    }

    private Waiting admit() {
        int count = Math.min(settings.batch(), entering.size());
        Request[] requests = new Request[count];
        int size = (int) network.inputShape().size();
        float[] values = new float[count * size];
        for (int i = 0; i < count; i++) {
            requests[i] = entering.removeFirst();
            System.arraycopy(requests[i].values(), 0, values, i * size, size);
        }
        Shape shape = new Shape(count).addAll(network.inputShape());
        return new Waiting(Group.entering(manager.create(values, shape), positions(count)), requests);
    }

    private static Waiting gather(Deque<Waiting> there, int batch) {
        List<Group> groups = new ArrayList<>();
        List<Request> requests = new ArrayList<>();
        while (!there.isEmpty() && requests.size() < batch) {
            Waiting some = there.removeFirst();
            groups.add(some.group());
            requests.addAll(Arrays.asList(some.requests()));
        }
        return new Waiting(Group.join(groups), requests.toArray(Request[]::new));
    }

    private static int[] positions(int count) {
        int[] positions = new int[count];
        Arrays.setAll(positions, i -> i);
        return positions;
    }

    /** Runs a stage; where that fails, every sample goes on alone, so that only the guilty ones fail. */
    private void run(Waiting batch) {
        Waiting here;
        try {
            here = new Waiting(pass(batch.group()), batch.requests());
        } catch (RuntimeException e) {
            apart(batch, false);
            return;
        }
        try {
            Waiting left = decide(here);
            if (left.requests().length > 0) {
                waiting.get(left.group().exit() - 1).add(left);
            } else {
                left.group().close();
            }
        } catch (RuntimeException e) {
            apart(here, true);
        }
    }

    private void apart(Waiting batch, boolean passed) {
        for (int i = 0; i < batch.requests().length; i++) {
            Request request = batch.requests()[i];
            Waiting one = new Waiting(batch.group().alone(i), new Request[] {request});
            try {
                if (passed) {
                    one = decide(one);
                }
                while (one.requests().length > 0) {
                    one = decide(new Waiting(pass(one.group()), one.requests()));
                }
            } catch (RuntimeException e) {
                finish(request, () -> request.answer().completeExceptionally(e));
            }
            one.group().close();
        }
        batch.group().close();
    }

    /** A group one stage further. If that fails, the group stays as it was. */
    private Group pass(Group group) {
        try (NDManager scope = manager.newSubManager()) {
            try {
                return step.pass(group.attach(scope)).attach(manager);
            } catch (RuntimeException e) {
                group.attach(manager);
                throw e;
            }
        }
    }

    /** Answers those that leave, and those that cannot go on; gives the others. */
    private Waiting decide(Waiting all) {
        Evidence everything = step.evidence(all.group());
        int[] sound = IntStream.range(0, everything.size())
                .filter(row -> EarlyExitRunner.nonFinite(everything, row).isEmpty())
                .toArray();
        Group group = all.group().staying(sound);
        Evidence evidence = step.evidence(group);
        ExitRule.Decision decision = rule.decide(evidence, positions(sound.length));
        boolean last = evidence.exit() == evidence.exits();
        int[] staying = IntStream.range(0, sound.length)
                .filter(row -> !last && !decision.leaves()[row])
                .toArray();
        for (int row = 0; row < everything.size(); row++) {
            String problem = EarlyExitRunner.nonFinite(everything, row);
            if (!problem.isEmpty()) {
                Request request = all.requests()[row];
                finish(
                        request,
                        () -> request.answer().completeExceptionally(new InferenceException("a sample: " + problem)));
            }
        }
        for (int row = 0; row < sound.length; row++) {
            if (last || decision.leaves()[row]) {
                Request request = all.requests()[sound[row]];
                Answers answer = Answers.one(evidence, decision.scores(), row);
                finish(request, () -> request.answer().complete(answer));
            }
        }
        return new Waiting(
                group.staying(staying),
                Arrays.stream(staying)
                        .mapToObj(row -> all.requests()[sound[row]])
                        .toArray(Request[]::new));
    }

    /** Makes room, then tells who asked. */
    private void finish(Request request, Runnable tell) {
        lock.lock();
        try {
            inside.remove(request);
            room.signal();
        } finally {
            lock.unlock();
        }
        tell.run();
    }

    /** Takes no more samples, answers those inside, and ends. Whoever waits to bring one gets an {@link IllegalStateException}. */
    @Override
    public void close() {
        lock.lock();
        try {
            closing = true;
            arrived.signalAll();
            room.signalAll();
        } finally {
            lock.unlock();
        }
        boolean interrupted = false;
        while (ended.getCount() > 0) {
            try {
                ended.await();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
