package org.offramp.host.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Streams of readings become windows as they fill; what is missing is named. */
class SensorStreamTest {
    private static List<SensorStream.Event> events(SensorStream stream, String... lines) {
        List<SensorStream.Event> events = new ArrayList<>();
        for (String line : lines) {
            events.addAll(stream.add(line));
        }
        return events;
    }

    @Test
    void aWindowIsGivenAsSoonAsItIsFullAndTheNextBeginsAStrideLater() {
        SensorStream stream = new SensorStream(2, 3, 2, 0);
        List<SensorStream.Event> events = events(stream, "1,10", "2,20", "3,30", "4,40", "5,50", "6,60");
        assertThat(events).extracting(SensorStream.Event::rows).containsExactly("1-3", "3-5");
        assertThat(events.get(0).window()).containsExactly(1, 2, 3, 10, 20, 30);
        assertThat(events.get(1).window()).containsExactly(3, 4, 5, 30, 40, 50);
        assertThat(stream.waiting()).isEqualTo(2);
    }

    @Test
    void aHeaderIsSkippedAndARowOfOtherWidthNamed() {
        List<SensorStream.Event> events =
                events(new SensorStream(2, 2, 2, 0), "x,y", "1,10", "1,2,3,4", "2,20", "3,30");
        assertThat(events).extracting(SensorStream.Event::rows).containsExactly("3", "4-5");
        assertThat(events.get(0).problem())
                .isEqualTo("has 4 values; the model takes 2 channels, with or without the time in seconds before them;"
                        + " the window begins anew after it");
    }

    @Test
    void aMissingReadingIsNamedAndNeverInAWindow() {
        List<SensorStream.Event> events =
                events(new SensorStream(2, 2, 1, 0), "1,10", "NaN,20", "3,30", "4,", "5,50", "6,60");
        assertThat(events).extracting(SensorStream.Event::rows).containsExactly("2", "4", "5-6");
        assertThat(events.get(0).problem()).startsWith("channel 1 is NaN");
        assertThat(events.get(1).problem()).startsWith("channel 2 is ");
        assertThat(events.get(2).window()).containsExactly(5, 6, 50, 60);
    }

    @Test
    void aGapInTheTimeIsNamedAndTheWindowBeginsAnew() {
        SensorStream stream = new SensorStream(1, 2, 2, 50);
        List<SensorStream.Event> events = events(stream, "0.00,1", "0.02,2", "0.04,3", "0.14,4", "0.16,5", "0.15,6");
        assertThat(events).extracting(SensorStream.Event::rows).containsExactly("1-2", "4", "4-5", "6");
        assertThat(events.get(1).problem())
                .isEqualTo("a gap of 0.100 s before it, 4 readings are missing; the window begins anew");
        assertThat(events.get(2).window()).containsExactly(4, 5);
        assertThat(events.get(3).problem()).startsWith("the time 0.15 s does not come after the one before");
    }
}
