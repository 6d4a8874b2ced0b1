package org.offramp.datasets;

import java.util.List;

/** Turns texts into token ids; 0 is padding. */
interface TextEncoder {
    /** Every id is below this number. */
    int tokenIds();

    /**
     * The ids of every text, without padding.
     *
     * @param texts the texts
     * @param length the most ids of a text; what is beyond is left out
     */
    List<int[]> encode(List<String> texts, int length);
}
