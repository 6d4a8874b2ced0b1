package org.offramp.host.graph;

import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.Blocks;
import ai.djl.nn.ParallelBlock;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.convolutional.Conv2d;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.BatchNorm;
import ai.djl.nn.pooling.Pool;
import java.util.List;

/** Networks as their papers print them, where DJL's model zoo has another plan. */
final class PublishedNetworks {
    private PublishedNetworks() {}

    /** ResNet-18 for 224 × 224 (He et al. 2016, table 1): the first group's shortcut has no convolution. */
    static Block resNet18() {
        SequentialBlock net = new SequentialBlock();
        net.add(convolution(64, 7, 2, 3, 1))
                .add(Pool.maxPool2dBlock(new Shape(3, 3), new Shape(2, 2), new Shape(1, 1)));
        int before = 64;
        for (int filters : new int[] {64, 128, 256, 512}) {
            for (int unit = 0; unit < 2; unit++) {
                int stride = unit == 0 && filters > 64 ? 2 : 1;
                Block body = new SequentialBlock()
                        .add(convolution(filters, 3, stride, 1, 1))
                        .add(convolution(filters, 3, 1, 1, 1));
                net.add(added(
                        body, filters == before ? Blocks.identityBlock() : convolution(filters, 1, stride, 0, 1)));
                before = filters;
            }
        }
        return net.add(Pool.globalAvgPool2dBlock())
                .add(Linear.builder().setUnits(1000).build());
    }

    /** MobileNetV2 for 224 × 224 (Sandler et al. 2018, table 2). */
    static Block mobileNetV2() {
        int[][] plan = {
            {1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2}, {6, 64, 4, 2}, {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}
        };
        SequentialBlock net = new SequentialBlock().add(convolution(32, 3, 2, 1, 1));
        int channels = 32;
        for (int[] row : plan) {
            for (int unit = 0; unit < row[2]; unit++) {
                int stride = unit == 0 ? row[3] : 1;
                int wide = channels * row[0];
                SequentialBlock body = new SequentialBlock();
                if (row[0] > 1) {
                    body.add(convolution(wide, 1, 1, 0, 1));
                }
                body.add(convolution(wide, 3, stride, 1, wide)).add(convolution(row[1], 1, 1, 0, 1));
                net.add(stride == 1 && channels == row[1] ? added(body, Blocks.identityBlock()) : body);
                channels = row[1];
            }
        }
        return net.add(convolution(1280, 1, 1, 0, 1))
                .add(Pool.globalAvgPool2dBlock())
                .add(Linear.builder().setUnits(1000).build());
    }

    /** The Darknet reference network for 224 × 224 (Redmon, cfg/darknet.cfg): the last pooling is padded and gives 4 × 4. */
    static Block darknet() {
        SequentialBlock net = new SequentialBlock();
        for (int filters : new int[] {16, 32, 64, 128, 256, 512}) {
            int padding = filters == 512 ? 1 : 0;
            net.add(convolution(filters, 3, 1, 1, 1))
                    .add(Pool.maxPool2dBlock(new Shape(2, 2), new Shape(2, 2), new Shape(padding, padding)));
        }
        return net.add(convolution(1024, 3, 1, 1, 1))
                .add(convolution(1000, 1, 1, 0, 1))
                .add(Pool.globalAvgPool2dBlock());
    }

    private static Block added(Block body, Block shortcut) {
        return new ParallelBlock(
                lists -> new NDList(NDArrays.add(
                        lists.get(0).singletonOrThrow(), lists.get(1).singletonOrThrow())),
                List.of(body, shortcut));
    }

    private static Block convolution(int filters, int kernel, int stride, int padding, int groups) {
        return new SequentialBlock()
                .add(Conv2d.builder()
                        .setKernelShape(new Shape(kernel, kernel))
                        .setFilters(filters)
                        .optStride(new Shape(stride, stride))
                        .optPadding(new Shape(padding, padding))
                        .optGroups(groups)
                        .optBias(false)
                        .build())
                .add(BatchNorm.builder().build())
                .add(Activation.reluBlock());
    }
}
