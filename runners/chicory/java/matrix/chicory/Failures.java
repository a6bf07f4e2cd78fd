package matrix.chicory;

import com.dylibso.chicory.runtime.WasmException;
import com.dylibso.chicory.wasi.WasiExitException;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.InvalidException;
import com.dylibso.chicory.wasm.MalformedException;
import com.dylibso.chicory.wasm.UninstantiableException;
import com.dylibso.chicory.wasm.UnlinkableException;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import matrix.runner.Exit;
import matrix.runner.Failure;
import matrix.runner.Refusal;
import matrix.runner.Trap;
import matrix.runner.Uncaught;

/** Chicory's exceptions in PROTOCOL.md's words. Its messages tell traps apart, its classes do not. */
final class Failures {
    /** How a message begins → the word of the specification that it stands for. */
    private static final Map<String, String> KINDS = Map.ofEntries(
            Map.entry("Trapped on unreachable", "unreachable"),
            Map.entry("integer divide by zero", "integer divide by zero"),
            Map.entry("integer overflow", "integer overflow"),
            Map.entry("invalid conversion to integer", "invalid conversion to integer"),
            Map.entry("out of bounds memory access", "out of bounds memory access"),
            Map.entry("out of bounds table access", "out of bounds table access"),
            Map.entry("undefined element", "undefined element"),
            Map.entry("uninitialized element", "uninitialized element"),
            Map.entry("indirect call type mismatch", "indirect call type mismatch"),
            Map.entry("call stack exhausted", "call stack exhausted"),
            Map.entry("unaligned atomic", "unaligned atomic"),
            Map.entry("Attempt to wait on a non-shared memory", "expected shared memory"),
            Map.entry("null reference", "null reference"),
            Map.entry("null function reference", "null reference"),
            Map.entry("null structure reference", "null reference"),
            Map.entry("null array reference", "null reference"),
            Map.entry("null i31 reference", "null reference"),
            Map.entry("Trapped on call_ref on null", "null reference"),
            Map.entry("Trapped on ref_as_non_null on null", "null reference"));

    private Failures() {}

    /** What `call` gives. Failure for all that it throws. */
    static <T> T calling(Supplier<T> call) {
        try {
            return call.get();
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError error) {
            throw called(error);
        }
    }

    /** What `build` gives. Failure for all that it throws. */
    static <T> T instantiating(Supplier<T> build) {
        try {
            return build.get();
        } catch (UnlinkableException error) {
            throw refusal("link", error);
        } catch (InvalidException | MalformedException error) {
            // What is left of validation, or a trap of a start function: Chicory has both in one class.
            throw kinds(error).isEmpty() ? refusal("compile", error) : called(error);
        } catch (UninstantiableException error) {
            throw new Trap(kinds(error), error.getMessage());
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError error) {
            throw called(error);
        }
    }

    private static Failure called(Throwable error) {
        if (error instanceof Failure failure) {
            return failure; // of ours, through the engine
        }
        if (error instanceof WasiExitException exit) {
            return new Exit(exit.exitCode());
        }
        if (error instanceof WasmException thrown) {
            return new Uncaught("uncaught exception with tag " + thrown.tagIdx());
        }
        if (error instanceof StackOverflowError) {
            return new Trap(List.of("call stack exhausted"), "StackOverflowError");
        }
        if (error instanceof OutOfMemoryError) {
            return refusal("memory", error);
        }
        String message = String.valueOf(error.getMessage());
        if (message.startsWith("We don't yet support this WASI call")) {
            return new Refusal("wasi", "unsupported", message);
        }
        if (message.startsWith("Machine doesn't recognize Instruction")) {
            // It validates what its interpreter has not (SIMD): that belongs to what it cannot compile.
            return new Refusal("compile", "unsupported", message);
        }
        // Other exceptions are the engine's own faults, and no answer of the module.
        return error instanceof ChicoryException ? new Trap(kinds(error), message) : refusal("call", error);
    }

    private static Refusal refusal(String phase, Throwable error) {
        return new Refusal(phase, error.getClass().getSimpleName(), String.valueOf(error.getMessage()));
    }

    private static List<String> kinds(Throwable error) {
        String message = String.valueOf(error.getMessage());
        return KINDS.entrySet().stream()
                .filter(kind -> message.startsWith(kind.getKey()))
                .map(Map.Entry::getValue)
                .toList();
    }
}
