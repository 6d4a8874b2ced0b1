package org.offramp.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Every change of the public API shows in {@code api.txt}, and so in review. */
class ApiListingTest {
    private static final String HEADER = """
            # The public API of org.offramp.api. Compared in the build; write it anew with
            #   ./mvnw -pl api test -Dtest=ApiListingTest -Dapi.update
            # What a change of this file means for SPI_VERSION: docs/writing-a-plugin.md, "Versions".
            """;

    @Test
    void theListingIsTheCommittedOne() throws IOException, URISyntaxException {
        Path classes = Path.of(StrategyPlugin.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        Path committed = Path.of("api.txt");
        String listing = HEADER + ApiListing.of(classes);
        if (Boolean.getBoolean("api.update") || "".equals(System.getProperty("api.update"))) {
            Files.writeString(committed, listing);
        }
        assertThat(Files.readString(committed))
                .as(
                        "api.txt; if the change is meant, write it anew: ./mvnw -pl api test -Dtest=ApiListingTest -Dapi.update")
                .isEqualToNormalizingNewlines(listing);
    }

    @Test
    void aListingShowsWhatCallersDependOn() {
        assertThat(ApiListing.of(Sample.class).lines().map(String::strip))
                .containsSubsequence(
                        "@Experimental: not settled",
                        "abstract class ApiListingTest.Sample<T extends Number> implements Iterable<T>",
                        "static int LIMIT = 7",
                        "protected abstract List<? extends T> among(Map<String, T> given)");
        assertThat(ApiListing.of(Sample.class)).doesNotContain("hidden");
    }

    /** Something of everything. */
    @Experimental("not settled")
    public abstract static class Sample<T extends Number> implements Iterable<T> {
        /** A constant. */
        public static final int LIMIT = 7;

        /**
         * A method.
         *
         * @param given a parameter whose name shows
         */
        protected abstract java.util.List<? extends T> among(java.util.Map<String, T> given);

        int hidden() {
            return LIMIT;
        }
    }
}
