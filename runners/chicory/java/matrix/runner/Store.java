package matrix.runner;

import java.util.Map;

/** Where instances live. `close` frees what they hold of the machine. */
public interface Store extends AutoCloseable {
    /** The two names of an import. */
    record Name(String module, String field) {}

    /**
     * An instance that imports what it finds in `imports`: exports of other instances, memories of the engine, functions of
     * the host (IntUnaryOperator: of an i32, with a result of one). `grant` is what it has of WASI, null where it imports
     * none. Refusal of phase `link` or `instantiate`, or Trap.
     */
    Instance instantiate(Engine.Code code, Map<Name, Object> imports, Grant grant);

    @Override
    void close();
}
