package matrix.chicory;

import com.dylibso.chicory.compiler.InterpreterFallback;
import com.dylibso.chicory.compiler.MachineFactoryCompiler;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.InterpreterMachine;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.WasmModule;
import java.util.function.Function;

/** The two ways in which Chicory executes a module. */
enum Mode {
    INTERPRETER {
        @Override
        Function<Instance, Machine> machines(WasmModule module) {
            return InterpreterMachine::new;
        }
    },
    /** To bytecode of the JVM, as the module is compiled. A function too large for that is interpreted. */
    COMPILER {
        @Override
        Function<Instance, Machine> machines(WasmModule module) {
            return MachineFactoryCompiler.builder(module)
                    .withInterpreterFallback(InterpreterFallback.WARN)
                    .compile();
        }
    };

    abstract Function<Instance, Machine> machines(WasmModule module);

    /** The mode that the command line names; null for none. */
    static Mode of(String... arguments) {
        for (Mode mode : values()) {
            if (arguments.length == 1 && arguments[0].equals(mode.toString())) {
                return mode;
            }
        }
        return null;
    }

    @Override
    public String toString() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
