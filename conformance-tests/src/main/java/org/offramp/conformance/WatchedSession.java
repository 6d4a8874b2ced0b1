package org.offramp.conformance;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.offramp.api.Head;
import org.offramp.api.HeadOutput;
import org.offramp.api.NetworkView;
import org.offramp.api.Part;
import org.offramp.api.Phase;
import org.offramp.api.Samples;
import org.offramp.api.TrainingSession;

/** A session that notes what a trainer asks for. */
final class WatchedSession implements TrainingSession {
    private final TrainingSession session;
    private final List<Phase> phases = new ArrayList<>();
    private final List<List<Float>> losses = new ArrayList<>();
    private final List<Long> labels = new ArrayList<>();
    private final List<Head> attached = new ArrayList<>();
    private final Set<Part> set = new HashSet<>();

    WatchedSession(TrainingSession session) {
        this.session = session;
    }

    /** The phases, in order, refused ones included. */
    List<Phase> phases() {
        return phases;
    }

    /** The labels of the samples that the losses were given, in order. */
    List<Long> labels() {
        return labels;
    }

    /** For every phase the losses of its steps. */
    List<List<Float>> losses() {
        return losses;
    }

    /** Every part that a phase trains. */
    Set<Part> trained() {
        Set<Part> trained = new HashSet<>();
        phases.forEach(phase -> trained.addAll(phase.trainable()));
        return trained;
    }

    /** Every part whose values were set. */
    Set<Part> set() {
        return set;
    }

    /** The parts that the trainer attached itself. */
    Set<Part> attached() {
        Set<Part> parts = new HashSet<>();
        attached.forEach(head -> parts.add(new Part.OfHead(head.exit(), head.output())));
        return parts;
    }

    @Override
    public NetworkView network() {
        return session.network();
    }

    @Override
    public Samples training() {
        return session.training();
    }

    @Override
    public Samples validation() {
        return session.validation();
    }

    @Override
    public Samples unlabelled() {
        return session.unlabelled();
    }

    @Override
    public RandomGenerator random() {
        return session.random();
    }

    @Override
    public void attach(Head head) {
        attached.add(head);
        session.attach(head);
    }

    @Override
    public void attachClassifiers() {
        List<Head> before = session.network().heads();
        session.attachClassifiers();
        session.network().heads().stream()
                .filter(head -> !before.contains(head))
                .forEach(attached::add);
    }

    @Override
    public PhaseReport fit(Phase phase) {
        phases.add(phase);
        List<Float> seen = new ArrayList<>();
        losses.add(seen);
        return session.fit(new Phase(
                phase.name(),
                phase.trainable(),
                phase.samples(),
                batch -> {
                    NDArray loss = phase.loss().of(batch);
                    seen.add(loss.getFloat());
                    for (long label : batch.labels().toLongArray()) {
                        labels.add(label);
                    }
                    return loss;
                },
                phase.throughExit(),
                phase.epochs(),
                phase.batchSize(),
                phase.optimization(),
                phase.patience(),
                phase.augmentation(),
                phase.perturbation(),
                phase.unlabelled(),
                phase.keepFrozen()));
    }

    @Override
    public Samples select(Samples samples, int throughExit, Selector selector) {
        return session.select(samples, throughExit, selector);
    }

    @Override
    public void reduce(Samples samples, int throughExit, Accumulator accumulator) {
        session.reduce(samples, throughExit, accumulator);
    }

    @Override
    public void report(String name, double value) {
        session.report(name, value);
    }

    @Override
    public void note(String sentence) {
        session.note(sentence);
    }

    @Override
    public void detach(int exit, HeadOutput output) {
        session.detach(exit, output);
    }

    @Override
    public void set(Part part, float[] values) {
        set.add(part);
        session.set(part, values);
    }
}
