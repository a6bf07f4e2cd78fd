package matrix.runner;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.List;

/** The module trapped. `kinds` are the specification's words that the engine's message may stand for. */
public final class Trap extends Failure {
    private static final long serialVersionUID = 1L;

    private final transient List<String> kinds;

    public Trap(List<String> kinds, String message) {
        super(message);
        this.kinds = List.copyOf(kinds);
    }

    @Override
    public JsonObject entry() {
        JsonArray words = new JsonArray();
        kinds.forEach(words::add);
        JsonObject trap = new JsonObject();
        trap.add("kinds", words);
        trap.addProperty("message", text());
        JsonObject entry = new JsonObject();
        entry.add("trap", trap);
        return entry;
    }
}
