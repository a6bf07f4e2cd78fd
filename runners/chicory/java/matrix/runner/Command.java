package matrix.runner;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** An object of a script, read with care: what is not as PROTOCOL.md says is a Refusal of phase `script`. */
record Command(JsonObject data) {
    static Command of(JsonElement data) {
        if (data instanceof JsonObject object) {
            return new Command(object);
        }
        throw Refusal.malformed("not an object: " + data);
    }

    /** A string that can be a name in a module: JSON's escapes can also write half of a surrogate pair. */
    static String text(JsonElement value, String what) {
        if (value instanceof JsonPrimitive primitive && primitive.isString()) {
            String text = primitive.getAsString();
            if (StandardCharsets.UTF_8.newEncoder().canEncode(text)) {
                return text;
            }
        }
        throw Refusal.malformed("not " + what + ": " + value);
    }

    static long integer(JsonElement value, String what, long least, long most) {
        if (value instanceof JsonPrimitive primitive && primitive.isNumber()) {
            try {
                long number = Long.parseLong(primitive.getAsString());
                if (least <= number && number <= most) {
                    return number;
                }
            } catch (NumberFormatException notWhole) {
                // said below
            }
        }
        throw Refusal.malformed(what + " is a number from " + least + " to " + most + ": " + value);
    }

    boolean has(String key) {
        return data.get(key) != null && !data.get(key).isJsonNull();
    }

    JsonElement get(String key) {
        return data.get(key);
    }

    String text(String key) {
        return text(data.get(key), "a string for " + key);
    }

    long integer(String key, long least, long most) {
        return integer(data.get(key), key, least, most);
    }

    Command object(String key) {
        if (data.get(key) instanceof JsonObject object) {
            return new Command(object);
        }
        throw Refusal.malformed(key + " is an object: " + data.get(key));
    }

    /** The elements of a list; none where the key is not there. */
    List<JsonElement> list(String key) {
        if (!has(key)) {
            return List.of();
        }
        if (data.get(key) instanceof JsonArray array) {
            return array.asList();
        }
        throw Refusal.malformed(key + " is a list: " + data.get(key));
    }

    List<String> texts(String key) {
        List<String> texts = new ArrayList<>();
        list(key).forEach(item -> texts.add(text(item, "a string in " + key)));
        return texts;
    }
}
