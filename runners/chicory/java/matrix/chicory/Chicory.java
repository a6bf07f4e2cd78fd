package matrix.chicory;

import com.dylibso.chicory.runtime.ByteArrayMemory;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.ChicoryException;
import com.dylibso.chicory.wasm.Parser;
import com.dylibso.chicory.wasm.WasmModule;
import com.dylibso.chicory.wasm.types.MemoryImport;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Properties;
import java.util.function.Function;
import java.util.stream.Collectors;
import matrix.runner.Engine;
import matrix.runner.Memory;
import matrix.runner.Refusal;
import matrix.runner.Store;

/** Chicory as an `Engine` of scripts. */
final class Chicory implements Engine {
    /**
     * Pages that a memory may have: 256 MiB. More is refused as the specification allows (`memory.grow` gives -1); without
     * it a module could take the heap from all that is in it.
     */
    private static final int MOST_PAGES = 4096;

    /** What Maven leaves in the jar. */
    private static final String PROPERTIES = "/META-INF/maven/com.dylibso.chicory/wasm/pom.properties";

    /** A module and what makes a machine for each of its instances; compiled code is in the latter. */
    record Compiled(WasmModule module, Function<Instance, Machine> machines) implements Code {
        @Override
        public boolean imports(String name) {
            return module.importSection().stream().anyMatch(item -> item.module().equals(name));
        }

        @Override
        public Map<Store.Name, Memory.Limits> memories() {
            return module.importSection().stream()
                    .filter(MemoryImport.class::isInstance)
                    .map(MemoryImport.class::cast)
                    .collect(Collectors.toMap(
                            item -> new Store.Name(item.module(), item.name()), item -> limitsOf(item.limits())));
        }

        private static Memory.Limits limitsOf(MemoryLimits limits) {
            return new Memory.Limits(limits.initialPages(), limits.maximumPages(), limits.shared());
        }
    }

    private final Mode mode;

    Chicory(Mode mode) {
        this.mode = mode;
    }

    @Override
    public String runtime() {
        return "chicory";
    }

    @Override
    public String version() {
        Properties properties = new Properties();
        try (InputStream file = WasmModule.class.getResourceAsStream(PROPERTIES)) {
            properties.load(file);
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
        return properties.getProperty("version");
    }

    @Override
    public Map<String, String> facts() {
        return Map.of(
                "mode", mode.toString(),
                "memory", ByteArrayMemory.class.getSimpleName() + ", at most " + MOST_PAGES + " pages",
                "heap", (Runtime.getRuntime().maxMemory() >> 20) + " MiB");
    }

    @Override
    public Code compile(byte[] wasm) {
        try {
            WasmModule module = Parser.parse(wasm);
            return new Compiled(module, mode.machines(module));
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError error) {
            // Its own exceptions for what is not valid; others where it has not what the module uses.
            throw new Refusal("compile", error.getClass().getSimpleName(), String.valueOf(error.getMessage()));
        }
    }

    @Override
    public Store store() {
        return new ChicoryStore();
    }

    /** The memory that a module or the host asks for, as Chicory's documentation advises for OpenJDK. */
    static ByteArrayMemory memoryOf(MemoryLimits limits) {
        int most = Math.min(limits.maximumPages(), MOST_PAGES);
        if (limits.initialPages() > most) {
            String message = limits.initialPages() + " pages are more than " + most + ", which the runner allows";
            throw new Refusal("memory", "", message);
        }
        return new ByteArrayMemory(new MemoryLimits(limits.initialPages(), most, limits.shared()));
    }

    @Override
    public Memory memory(Memory.Limits limits) {
        long most = limits.maximum() < 0 ? MemoryLimits.MAX_PAGES : limits.maximum();
        if (limits.minimum() > MemoryLimits.MAX_PAGES || most > MemoryLimits.MAX_PAGES) {
            throw new Refusal("memory", "", "a memory has at most " + MemoryLimits.MAX_PAGES + " pages");
        }
        try {
            return new ChicoryMemory(memoryOf(new MemoryLimits((int) limits.minimum(), (int) most, limits.shared())));
        } catch (ChicoryException error) {
            throw new Refusal("memory", "", error.getMessage());
        }
    }
}
