package org.offramp.host.training;

/** Whether the stages that a phase trains run compiled. */
public enum WhenToCompile {
    /** Where their operations say that it pays; never decided by a clock, so that a run can be repeated to the byte. */
    AUTO,
    /** Wherever they can be. */
    ALWAYS,
    /** Operation by operation. */
    NEVER
}
