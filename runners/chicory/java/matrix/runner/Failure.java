package matrix.runner;

import com.google.gson.JsonObject;

/** A way to end that is not values (PROTOCOL.md, "Results that are not values"). It has no stack trace: it is an answer. */
public abstract sealed class Failure extends RuntimeException permits Refusal, Trap, Uncaught, Exit {
    private static final long serialVersionUID = 1L;

    /** Characters of an engine's message that are reported. */
    private static final int LONGEST = 4000;

    Failure(String message) {
        super(message, null, false, false);
    }

    /** This ending as an entry of `results`. */
    public abstract JsonObject entry();

    /** The message, cut where it is beyond reason; never null. */
    String text() {
        String text = String.valueOf(getMessage());
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + " …";
    }
}
