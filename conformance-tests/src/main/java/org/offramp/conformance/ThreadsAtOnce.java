package org.offramp.conformance;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Does one thing on several threads that begin together. */
final class ThreadsAtOnce {
    private static final int THREADS = 4;
    private static final int TIMES = 25;

    private ThreadsAtOnce() {}

    /** Every result of every thread; the first failure is thrown. */
    static <T> List<T> run(Callable<T> task) throws InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            CyclicBarrier start = new CyclicBarrier(THREADS);
            List<Future<List<T>>> futures = new ArrayList<>();
            for (int thread = 0; thread < THREADS; thread++) {
                futures.add(threads.submit(() -> {
                    start.await();
                    return repeated(task);
                }));
            }
            return collected(futures);
        } finally {
            threads.shutdownNow();
        }
    }

    private static <T> List<T> repeated(Callable<T> task) throws Exception {
        List<T> results = new ArrayList<>();
        for (int time = 0; time < TIMES; time++) {
            results.add(task.call());
        }
        return results;
    }

    private static <T> List<T> collected(List<Future<List<T>>> futures) throws InterruptedException {
        List<T> results = new ArrayList<>();
        for (Future<List<T>> future : futures) {
            try {
                results.addAll(future.get());
            } catch (ExecutionException e) {
                throw new AssertionError("one of " + THREADS + " threads failed: " + e.getCause(), e.getCause());
            }
        }
        return results;
    }
}
