package org.offramp.host.plugin;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.offramp.api.StrategyPlugin;

/** A version of the SPI; a plugin runs on a host of the same major version and of the same or a newer minor version. */
record SpiVersion(int major, int minor) {
    private static final Pattern FORM = Pattern.compile("(\\d{1,6})\\.(\\d{1,6})");

    static final SpiVersion HOST = parse(StrategyPlugin.SPI_VERSION).orElseThrow();

    static Optional<SpiVersion> parse(@Nullable String text) {
        Matcher matcher = FORM.matcher(text == null ? "" : text);
        return matcher.matches()
                ? Optional.of(new SpiVersion(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2))))
                : Optional.empty();
    }

    /**
     * Checks a manifest's {@code Spi-Version} against a host's.
     *
     * @param given the attribute, or null where there is none
     * @param host the host's version
     * @throws BrokenPlugin if it is not a version, or the host does not have what it promises
     */
    static void check(@Nullable String given, SpiVersion host) throws BrokenPlugin {
        SpiVersion wanted = parse(given)
                .orElseThrow(() -> new BrokenPlugin(
                        given == null
                                ? "its manifest has no Spi-Version"
                                : "its manifest's Spi-Version is '" + given + "', which is not major.minor",
                        "write the version of the offramp-api it is built against, such as " + host));
        if (wanted.major != host.major) {
            throw new BrokenPlugin(
                    "it was built for the SPI " + wanted + "; this host has " + host + ", another major version",
                    "get a release of it for the SPI " + host.major + ".x, or build it against " + host);
        }
        if (wanted.minor > host.minor) {
            throw new BrokenPlugin(
                    "it was built for the SPI " + wanted + "; this host has " + host + ", which is older",
                    "update Offramp, or build it against the SPI " + host);
        }
    }

    @Override
    public String toString() {
        return major + "." + minor;
    }
}
