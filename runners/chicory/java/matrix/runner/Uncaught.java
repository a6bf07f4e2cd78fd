package matrix.runner;

import com.google.gson.JsonObject;

/** A wasm exception that nobody caught reached the host. */
public final class Uncaught extends Failure {
    private static final long serialVersionUID = 1L;

    public Uncaught(String message) {
        super(message);
    }

    @Override
    public JsonObject entry() {
        JsonObject exception = new JsonObject();
        exception.addProperty("message", text());
        JsonObject entry = new JsonObject();
        entry.add("exception", exception);
        return entry;
    }
}
