package org.offramp.host.bench;

import org.offramp.api.Examples;

/** Test samples in batches. */
final class Inputs {
    private Inputs() {}

    /**
     * Reads batches, from the first sample on, and from the start again when there are no more.
     *
     * @param size values of a sample
     */
    static float[][][] batches(Examples test, int batch, int count, int size) {
        float[][][] input = new float[count][batch][size];
        for (int i = 0; i < count; i++) {
            for (int j = 0; j < batch; j++) {
                test.read((i * batch + j) % test.size(), input[i][j], 0);
            }
        }
        return input;
    }
}
