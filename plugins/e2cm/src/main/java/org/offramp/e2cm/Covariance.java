package org.offramp.e2cm;

/** The pooled within-class covariance in which distances to class means are measured. */
public enum Covariance {
    /** None: Euclidean distances, the paper's. */
    NONE,
    /** The variance of every value. */
    DIAGONAL,
    /** The whole matrix, for short vectors. */
    FULL;

    /** The longest vectors of which there is a whole matrix. */
    static final int WIDEST = 2_048;

    /** How many numbers a whitening of vectors of a width holds. */
    long size(long width) {
        return switch (this) {
            case NONE -> 0;
            case DIAGONAL -> width;
            case FULL -> width * width;
        };
    }
}
