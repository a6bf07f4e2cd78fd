package matrix.runner;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;

/**
 * A WebAssembly value: its type's name and its bits, of which a v128 alone has more than `low`. For `funcref` and
 * `externref`, `low` is a number that the host gave out, or NULL.
 */
public record Value(String type, long low, long high) {
    /** The bits of a null reference. */
    public static final long NULL = -1;

    private static final Map<String, Integer> WIDTHS = Map.of("i32", 32, "i64", 64, "f32", 32, "f64", 64, "v128", 128);
    private static final Map<String, Integer> LANES =
            Map.of("i8", 8, "i16", 16, "i32", 32, "i64", 64, "f32", 32, "f64", 64);
    private static final List<String> REFERENCES = List.of("funcref", "externref");

    /** `bits` beyond the type's width are dropped. */
    public static Value of(String type, long bits) {
        return new Value(type, width(type) == 32 ? bits & 0xFFFF_FFFFL : bits, 0);
    }

    public static Value i32(long bits) {
        return of("i32", bits);
    }

    /** Bits of the type, 0 for a reference or a type that is none of ours. */
    static int width(String type) {
        return WIDTHS.getOrDefault(type, 0);
    }

    /** The value that `data` says, `{"type", "value"}`. Refusal of phase `script`. */
    static Value decode(JsonElement data) {
        if (!(data instanceof JsonObject object)) {
            throw Refusal.malformed("not a value: " + data);
        }
        String type = Command.text(object.get("type"), "a type of value");
        if (type.equals("v128")) {
            return lanes(object);
        }
        if (REFERENCES.contains(type)) {
            String number = object.get("value") == null ? "" : object.get("value").getAsString();
            return new Value(type, number.equals("null") ? NULL : unsigned(number, 32).longValue(), 0);
        }
        if (width(type) == 0) {
            throw Refusal.malformed("not a type of value: " + type);
        }
        return new Value(type, unsigned(Command.text(object.get("value"), "a value"), width(type)).longValue(), 0);
    }

    private static Value lanes(JsonObject data) {
        int width = LANES.getOrDefault(Command.text(data.get("lane_type"), "a lane type"), 0);
        if (!(data.get("value") instanceof JsonArray lanes) || lanes.size() * width != 128) {
            throw Refusal.malformed("not a v128: " + data);
        }
        BigInteger bits = BigInteger.ZERO;
        for (int index = 0; index < lanes.size(); index++) {
            BigInteger lane = unsigned(Command.text(lanes.get(index), "a lane"), width);
            bits = bits.or(lane.shiftLeft(index * width));
        }
        return new Value("v128", bits.longValue(), bits.shiftRight(64).longValue());
    }

    private static BigInteger unsigned(String text, int width) {
        // Digits alone: BigInteger would take a sign, and the digits of other scripts. (2^128 has 39 of them.)
        if (text.isEmpty() || text.length() >= 40 || !text.chars().allMatch(letter -> letter >= '0' && letter <= '9')) {
            throw Refusal.malformed("not an unsigned decimal string: " + text);
        }
        BigInteger bits = new BigInteger(text);
        if (bits.bitLength() > width) {
            throw Refusal.malformed(text + " does not fit " + width + " bits");
        }
        return bits;
    }

    /** As PROTOCOL.md writes it; the inverse of `decode`. */
    JsonObject encode() {
        JsonObject data = new JsonObject();
        data.addProperty("type", type);
        if (type.equals("v128")) {
            JsonArray lanes = new JsonArray();
            lanes.add(Long.toUnsignedString(low));
            lanes.add(Long.toUnsignedString(high));
            data.addProperty("lane_type", "i64");
            data.add("value", lanes);
        } else if (low == NULL && width(type) == 0) {
            data.addProperty("value", "null");
        } else {
            data.addProperty("value", Long.toUnsignedString(low));
        }
        return data;
    }
}
