package matrix.runner;

import java.util.Map;

/** A WebAssembly engine as scripts need it. All of it may be used from any thread. */
public interface Engine {
    /** A compiled module: it may be kept, shared between threads and instantiated many times. */
    interface Code {
        /** Whether it imports something of this module. */
        boolean imports(String module);

        /** The memories that it imports. */
        Map<Store.Name, Memory.Limits> memories();
    }

    String runtime();

    String version();

    /** What else is worth knowing of it: its mode, its limits. */
    Map<String, String> facts();

    /** Refusal of phase `compile` where it does not validate or the engine cannot have it. */
    Code compile(byte[] wasm);

    /** A place for instances: one for a script, and one more for each of its threads. */
    Store store();

    /** A memory made by the host. Refusal of phase `memory`. */
    Memory memory(Memory.Limits limits);
}
