package org.offramp.host.cli;

import java.io.PrintStream;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.offramp.host.training.Progress;

/** A progress bar on a terminal, plain lines elsewhere. */
final class LineProgress implements Progress {
    private static final int LINES_PER_TASK = 4;

    private final PrintStream out;
    private final boolean terminal;

    LineProgress(PrintStream out) {
        this.out = out;
        this.terminal = Boolean.getBoolean("offramp.terminal");
    }

    @Override
    public Task begin(String name, long steps) {
        return terminal ? bar(name, steps) : lines(name, steps);
    }

    private static Task bar(String name, long steps) {
        ProgressBar bar = new ProgressBarBuilder()
                .setTaskName(name)
                .setInitialMax(steps)
                .setUpdateIntervalMillis(200)
                .clearDisplayOnFinish()
                .build();
        return new Task() {
            @Override
            public void step(String message) {
                bar.step();
                bar.setExtraMessage(message);
            }

            @Override
            public void close() {
                bar.close();
            }
        };
    }

    private Task lines(String name, long steps) {
        long every = Math.max(1, steps / LINES_PER_TASK);
        return new Task() {
            private long done;

            @Override
            public void step(String message) {
                done++;
                if (!message.isEmpty() && (done % every == 0 || done == steps)) {
                    say(String.format(Locale.ROOT, "%s %d/%d %s", name, done, steps, message));
                }
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public void say(String line) {
        out.println(line);
        out.flush();
    }
}
