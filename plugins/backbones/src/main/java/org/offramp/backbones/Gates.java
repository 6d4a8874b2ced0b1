package org.offramp.backbones;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.LambdaBlock;

/** Activations that weigh their input, written with operations that Offramp compiles. */
final class Gates {
    private Gates() {}

    /** min(max(x + 3, 0), 6) / 6 (Howard et al. 2019, "Searching for MobileNetV3", section 5.2). */
    static NDArray hardSigmoid(NDArray x) {
        return x.add(3f).clip(0f, 6f).div(6f);
    }

    /** x · hardSigmoid(x). */
    static Block hardSwish() {
        return LambdaBlock.singleton(x -> x.mul(hardSigmoid(x)), "hardSwish");
    }

    /** x · σ(x), also called SiLU or Swish (Ramachandran et al. 2017). */
    static Block silu() {
        return LambdaBlock.singleton(x -> x.mul(Activation.sigmoid(x)), "silu");
    }
}
