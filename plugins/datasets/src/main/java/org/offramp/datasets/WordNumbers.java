package org.offramp.datasets;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Words numbered by their frequency in the training texts: 0 is padding, 1 an unknown word. */
record WordNumbers(Map<String, Integer> numbers) implements TextEncoder {
    private static final int UNKNOWN = 1;
    private static final int FIRST = 2;

    /**
     * Numbers the words of texts.
     *
     * @param texts the training texts
     * @param most the most numbers, padding and unknown included
     */
    static WordNumbers of(List<String> texts, int most) {
        Map<String, Integer> counts = new HashMap<>();
        texts.forEach(text -> words(text).forEach(word -> counts.merge(word, 1, Integer::sum)));
        List<String> sorted = new ArrayList<>(counts.keySet());
        sorted.sort(Comparator.comparing((String word) -> -counts.getOrDefault(word, 0))
                .thenComparing(word -> word));
        Map<String, Integer> numbers = new HashMap<>();
        sorted.stream().limit((long) most - FIRST).forEach(word -> numbers.put(word, numbers.size() + FIRST));
        return new WordNumbers(numbers);
    }

    private static List<String> words(String text) {
        return List.of(text.toLowerCase(Locale.ROOT).strip().split("[^\\p{L}\\p{N}']+", -1)).stream()
                .filter(word -> !word.isEmpty())
                .toList();
    }

    @Override
    public int tokenIds() {
        return numbers.size() + FIRST;
    }

    @Override
    public List<int[]> encode(List<String> texts, int length) {
        return texts.stream()
                .map(text -> words(text).stream()
                        .limit(length)
                        .mapToInt(word -> numbers.getOrDefault(word, UNKNOWN))
                        .toArray())
                .toList();
    }
}
