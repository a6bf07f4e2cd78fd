package matrix.runner;

import com.google.gson.JsonObject;

/** It could not be done: PROTOCOL.md's `error`, with its phase and the name of what went wrong. */
public final class Refusal extends Failure {
    private static final long serialVersionUID = 1L;

    private final String phase;
    private final String name;

    public Refusal(String phase, String name, String message) {
        super(message);
        this.phase = phase;
        this.name = name;
    }

    /** The command of a script is malformed. */
    static Refusal malformed(String message) {
        return new Refusal("script", "", message);
    }

    public String phase() {
        return phase;
    }

    @Override
    public JsonObject entry() {
        JsonObject error = new JsonObject();
        error.addProperty("phase", phase);
        error.addProperty("name", name);
        error.addProperty("message", text());
        JsonObject entry = new JsonObject();
        entry.add("error", error);
        return entry;
    }
}
