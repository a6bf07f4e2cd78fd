package matrix.runner;

import java.util.List;
import java.util.Map;

/** An instance of a module. All may throw any Failure. */
public interface Instance {
    /** Calls the function exported as `name`. Refusal of phase `call` where there is none of that name or type. */
    List<Value> invoke(String name, List<Value> arguments, List<String> results);

    /** The value of an exported global; null where no global has that name. */
    Value get(String name);

    void set(String name, Value value);

    /** Whether a mutable global is exported as `name`. */
    boolean isVariable(String name);

    /** The memory exported as `memory`, or the only one exported; null without. */
    Memory memory();

    /** Opaque handles by name: imports for other instances. */
    Map<String, Object> exports();
}
