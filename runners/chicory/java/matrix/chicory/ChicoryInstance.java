package matrix.chicory;

import com.dylibso.chicory.runtime.ExportFunction;
import com.dylibso.chicory.runtime.GlobalInstance;
import com.dylibso.chicory.runtime.ImportFunction;
import com.dylibso.chicory.runtime.ImportGlobal;
import com.dylibso.chicory.runtime.ImportMemory;
import com.dylibso.chicory.runtime.ImportTable;
import com.dylibso.chicory.runtime.ImportTag;
import com.dylibso.chicory.runtime.ImportValue;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.wasm.types.ExportSection;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.MutabilityType;
import com.dylibso.chicory.wasm.types.ValType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import matrix.runner.Memory;
import matrix.runner.Refusal;
import matrix.runner.Store;
import matrix.runner.Value;

/** An instance of Chicory's. */
final class ChicoryInstance implements matrix.runner.Instance {
    /** An export of an instance, to be imported by others under any name. */
    record Export(Instance owner, com.dylibso.chicory.wasm.types.Export export) {
        ImportValue as(Store.Name name) {
            String module = name.module();
            String field = name.field();
            int index = export.index();
            return switch (export.exportType()) {
                case FUNCTION -> ImportFunction.exportAsImport(module, field, owner, export.name());
                case GLOBAL -> new ImportGlobal(module, field, owner.global(index));
                case MEMORY -> new ImportMemory(module, field, owner.memory(index));
                case TABLE -> new ImportTable(module, field, owner.table(index));
                case TAG -> new ImportTag(module, field, owner.tag(index));
            };
        }
    }

    /** What a call needs, looked up once: scripts call a function many times. */
    private record Function(ExportFunction call, List<String> parameters, List<String> results) {}

    private final Instance handle;
    private final Map<String, Export> exports = new LinkedHashMap<>();
    private final Map<String, Function> functions = new HashMap<>();

    ChicoryInstance(Instance handle) {
        this.handle = handle;
        ExportSection section = handle.module().exportSection();
        for (int index = 0; index < section.exportCount(); index++) {
            exports.put(section.getExport(index).name(), new Export(handle, section.getExport(index)));
        }
    }

    private Export export(String name, ExternalType type) {
        Export found = exports.get(name);
        return found != null && found.export().exportType() == type ? found : null;
    }

    private Function function(String name) {
        return functions.computeIfAbsent(name, any -> {
            if (export(name, ExternalType.FUNCTION) == null) {
                throw new Refusal("call", "", "no function is exported as " + name);
            }
            FunctionType type = handle.exportType(name);
            return new Function(handle.export(name), names(type.params()), names(type.returns()));
        });
    }

    private static List<String> names(List<ValType> types) {
        return types.stream().map(ChicoryInstance::name).toList();
    }

    private static String name(ValType type) {
        if (!type.isReference()) {
            return type.name().toLowerCase(java.util.Locale.ROOT);
        }
        return ValType.matches(type, ValType.FuncRef) ? "funcref" : "externref";
    }

    @Override
    public List<Value> invoke(String name, List<Value> arguments, List<String> results) {
        Function function = function(name);
        if (!arguments.stream().map(Value::type).toList().equals(function.parameters)
                || !function.results.equals(results)) {
            String type = function.parameters + " -> " + function.results;
            throw new Refusal("call", "", name + " is of type " + type);
        }
        if (function.parameters.contains("v128") || results.contains("v128")) {
            throw new Refusal("compile", "unsupported", "Chicory has no SIMD");
        }
        long[] raw = new long[arguments.size()];
        for (int index = 0; index < raw.length; index++) {
            raw[index] = arguments.get(index).low();
        }
        long[] got = Failures.calling(() -> function.call.apply(raw));
        List<Value> values = new ArrayList<>(results.size());
        for (int index = 0; index < results.size(); index++) {
            values.add(Value.of(results.get(index), got[index]));
        }
        return values;
    }

    private GlobalInstance global(String name) {
        Export found = export(name, ExternalType.GLOBAL);
        return found == null ? null : handle.global(found.export().index());
    }

    @Override
    public Value get(String name) {
        GlobalInstance global = global(name);
        return global == null ? null : Value.of(name(global.getType()), global.getValue());
    }

    @Override
    public boolean isVariable(String name) {
        GlobalInstance global = global(name);
        return global != null && global.getMutabilityType() == MutabilityType.Var;
    }

    @Override
    public void set(String name, Value value) {
        global(name).setValue(value.low());
    }

    @Override
    public Memory memory() {
        Export found = export("memory", ExternalType.MEMORY);
        if (found == null) {
            List<Export> all = exports.values().stream()
                    .filter(item -> item.export().exportType() == ExternalType.MEMORY)
                    .toList();
            if (all.size() != 1) {
                return null;
            }
            found = all.get(0);
        }
        return new ChicoryMemory(handle.memory(found.export().index()));
    }

    @Override
    public Map<String, Object> exports() {
        return Map.copyOf(exports);
    }
}
