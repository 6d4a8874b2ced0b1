package org.offramp.backbones;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;

/**
 * Token features and their mask in one array {@code (batch, width + 1, length)}, channels first like every activation here. The
 * last channel is the mask: 1 for a token, 0 for padding.
 *
 * <p>At padding the feature channels hold the mean over the sample's tokens. So the plain average over positions that any
 * classifier head takes is the mean over the tokens, without the head knowing of masks; the mask channel averages to the share
 * of the window that is filled. A sample of padding alone has features 0.
 *
 * @param features {@code (batch, length, width)}
 * @param mask {@code (batch, 1, length)}
 */
record TokenActivation(NDArray features, NDArray mask) {
    /** Takes an activation of the given width apart. */
    static TokenActivation of(NDArray activation, int width) {
        NDArray features = activation.get(new NDIndex(":, :" + width + ", :")).transpose(0, 2, 1);
        return new TokenActivation(features, activation.get(new NDIndex(":, " + width + ":, :")));
    }

    /** The mean of the features over the tokens, {@code (batch, width, 1)}; 0 where there are none. */
    NDArray mean() {
        NDArray sum = features.transpose(0, 2, 1).mul(mask).sum(new int[] {2}, true);
        return sum.div(mask.sum(new int[] {2}, true).maximum(1f));
    }

    /** The features with the mean at padding, and the mask: {@code (batch, width + 1, length)}. */
    NDArray joined() {
        NDArray tokens = features.transpose(0, 2, 1).mul(mask);
        NDArray padding = mask.sub(1f).neg().mul(mean());
        return tokens.add(padding).concat(mask, 1);
    }
}
