package org.offramp.host.training;

/** Shows how far long work is. */
public interface Progress {
    /** Shows nothing. */
    Progress NONE = new Progress() {
        @Override
        public Task begin(String name, long steps) {
            return new Task() {
                @Override
                public void step(String message) {}

                @Override
                public void close() {}
            };
        }

        @Override
        public void say(String line) {}
    };

    /**
     * Begins a task.
     *
     * @param name what is done
     * @param steps how many steps it has
     */
    Task begin(String name, long steps);

    /**
     * Says one line.
     *
     * @param line the line
     */
    void say(String line);

    /** A task under way. */
    interface Task extends AutoCloseable {
        /**
         * One step is done.
         *
         * @param message what to show beside the bar, such as the loss
         */
        void step(String message);

        @Override
        void close();
    }
}
