package matrix.runner;

import com.google.gson.JsonObject;

/** The module called WASI's `proc_exit`. */
public final class Exit extends Failure {
    private static final long serialVersionUID = 1L;

    private final int code;

    public Exit(int code) {
        super("proc_exit(" + Integer.toUnsignedString(code) + ")");
        this.code = code;
    }

    @Override
    public JsonObject entry() {
        JsonObject entry = new JsonObject();
        entry.addProperty("exit", Integer.toUnsignedLong(code));
        return entry;
    }
}
