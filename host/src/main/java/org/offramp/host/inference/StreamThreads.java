package org.offramp.host.inference;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Threads of streams. A thread is kept when its stream ends, for the next one: the engine holds some 20 MB for every thread that it ever
 * computed in, also when the thread is gone.
 */
final class StreamThreads {
    private static final Executor KEPT = new ThreadPoolExecutor(
            0, Integer.MAX_VALUE, Long.MAX_VALUE, TimeUnit.NANOSECONDS, new SynchronousQueue<>(), work -> {
                Thread thread = new Thread(work, "offramp-stream");
                thread.setDaemon(true);
                return thread;
            });

    private StreamThreads() {}

    /**
     * Starts work in a thread of its own.
     *
     * @param work the work
     * @return is 0 when the work has ended, however it did
     */
    static CountDownLatch start(Runnable work) {
        CountDownLatch ended = new CountDownLatch(1);
        KEPT.execute(() -> {
            try {
                work.run();
            } finally {
                ended.countDown();
            }
        });
        return ended;
    }
}
