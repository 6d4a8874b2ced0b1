package org.example.embed;

import java.nio.file.Path;
import java.util.List;
import org.offramp.host.bundle.EarlyExitModel;
import org.offramp.host.calibration.Goal;

/** A service that answers cheaply while it is busy: one bundle in memory, two settings of the dial. */
public final class Dial implements AutoCloseable {
    private final EarlyExitModel calm;
    private final EarlyExitModel busy;

    /**
     * Loads a bundle once.
     *
     * @param bundle the bundle
     * @param macs when busy, the greatest mean MACs as a fraction of the backbone's
     */
    public Dial(Path bundle, double macs) {
        calm = EarlyExitModel.load(bundle);
        busy = calm.withGoal(new Goal.MaxMacs(macs));
    }

    /**
     * Answers rows of numbers; may be called from many threads.
     *
     * @param isBusy which setting
     * @param rows each with the values of one sample, row by row, images in 0 … 1
     */
    public List<EarlyExitModel.Prediction> answer(boolean isBusy, float[]... rows) {
        return (isBusy ? busy : calm).predict(rows);
    }

    @Override
    public void close() {
        calm.close();
        busy.close();
    }
}
