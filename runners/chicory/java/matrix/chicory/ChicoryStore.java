package matrix.chicory;

import com.dylibso.chicory.runtime.HostFunction;
import com.dylibso.chicory.runtime.ImportFunction;
import com.dylibso.chicory.runtime.ImportGlobal;
import com.dylibso.chicory.runtime.ImportMemory;
import com.dylibso.chicory.runtime.ImportTable;
import com.dylibso.chicory.runtime.ImportTag;
import com.dylibso.chicory.runtime.ImportValue;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.TableInstance;
import com.dylibso.chicory.wasi.WasiPreview1;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.Table;
import com.dylibso.chicory.wasm.types.TableLimits;
import com.dylibso.chicory.wasm.types.ValType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import matrix.runner.Engine;
import matrix.runner.Grant;
import matrix.runner.Store;

/** The instances of a script or of one of its threads, and the WASI states that they hold. */
final class ChicoryStore implements Store {
    private static final List<ValType> I32 = List.of(ValType.I32);

    private final List<WasiPreview1> states = new ArrayList<>();

    @Override
    public matrix.runner.Instance instantiate(Engine.Code code, Map<Name, Object> imports, Grant grant) {
        Chicory.Compiled compiled = (Chicory.Compiled) code;
        return Failures.instantiating(() -> new ChicoryInstance(Instance.builder(compiled.module())
                .withImportValues(given(compiled, imports, grant))
                .withMachineFactory(compiled.machines())
                .withMemoryFactory(Chicory::memoryOf)
                .withTableFactory(ChicoryStore::tableOf)
                .withStart(false) // that is `_start`; a start section runs
                .build()));
    }

    /**
     * A table with limits of its own. Chicory 1.7 notes the growth of a table in the limits of the parsed module, so that
     * the module's next instance would begin with the larger one. It can go when `TableInstance.grow` leaves them alone.
     */
    private static TableInstance tableOf(Table table, int initial) {
        TableLimits limits = table.limits();
        TableLimits own = new TableLimits(limits.min(), limits.max(), limits.shared());
        return new TableInstance(new Table(table.elementType(), own, table.initialize()), initial);
    }

    private ImportValues given(Chicory.Compiled compiled, Map<Name, Object> imports, Grant grant) {
        ImportValues.Builder values = ImportValues.builder();
        if (grant != null) {
            WasiPreview1 state = Wasi.state(grant);
            states.add(state);
            values.addFunction(state.toHostFunctions());
        }
        compiled.module().importSection().stream()
                .map(item -> new Name(item.module(), item.name()))
                .distinct()
                .filter(imports::containsKey)
                .forEach(name -> add(values, named(name, imports.get(name))));
        return values.build();
    }

    private static ImportValue named(Name name, Object item) {
        if (item instanceof ChicoryMemory memory) {
            return new ImportMemory(name.module(), name.field(), memory.handle());
        }
        if (item instanceof IntUnaryOperator function) {
            return new HostFunction(name.module(), name.field(), FunctionType.of(I32, I32), (instance, arguments) ->
                    new long[] {function.applyAsInt((int) arguments[0])});
        }
        return ((ChicoryInstance.Export) item).as(name);
    }

    private static void add(ImportValues.Builder values, ImportValue value) {
        switch (value.type()) {
            case FUNCTION -> values.addFunction((ImportFunction) value);
            case GLOBAL -> values.addGlobal((ImportGlobal) value);
            case MEMORY -> values.addMemory((ImportMemory) value);
            case TABLE -> values.addTable((ImportTable) value);
            case TAG -> values.addTag((ImportTag) value);
        }
    }

    @Override
    public void close() {
        states.forEach(WasiPreview1::close);
    }
}
