package matrix.runner;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;

/** What was used last, by key, up to a number of bytes in all; what is larger than that alone is not kept. */
final class Kept<T> {
    /** An item and the bytes that it counts for. */
    record Sized<T>(T item, long bytes) {}

    private final long limit;
    private final Map<String, Sized<T>> items = new LinkedHashMap<>(16, 0.75f, true);
    private long size;

    Kept(long limit) {
        this.limit = limit;
    }

    T get(String key, Supplier<Sized<T>> make) {
        Sized<T> known = items.get(key);
        if (known != null) {
            return known.item();
        }
        Sized<T> made = make.get();
        if (made.bytes() <= limit) {
            items.put(key, made);
            size += made.bytes();
            while (size > limit) {
                size -= items.remove(items.keySet().iterator().next()).bytes();
            }
        }
        return made.item();
    }
}
