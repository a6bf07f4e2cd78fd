package matrix.runner;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** One script: its instances, names, bound values and workers. Nothing of it is left for the next. */
final class Script implements AutoCloseable {
    /** More than these is a mistake of the script's. */
    private static final long MOST_REPEATS = 1_000_000;

    private static final long MOST_WORKERS = 1024;

    /** Why this is no runner for a command. The phase has the command's name. */
    private static final Map<String, String> ELSEWHERE = Map.of(
            "request", "this runtime serves no HTTP",
            "probe", "this runtime is no browser",
            "program", "the program's ABI is JavaScript of node or of a page");

    /** An instance, and what its workers need to have one of their own. */
    private record Module(Instance instance, Engine.Code code) {}

    private final Engine engine;
    private final Blobs blobs;
    private final Threads threads;
    private final Store store;
    private final Map<Store.Name, Object> imports = new HashMap<>();
    private final Map<Store.Name, Object> shared = new HashMap<>();
    private final List<Team.Registered> registered = new ArrayList<>();
    private final Map<String, Module> named = new HashMap<>();
    private final Map<String, Value> bound = new HashMap<>();
    private final List<Folders> folders = new ArrayList<>();
    private Module current;
    private Memory made;
    private Team team;

    Script(Engine engine, Blobs blobs, Threads threads) {
        this.engine = engine;
        this.blobs = blobs;
        this.threads = threads;
        this.store = engine.store();
    }

    /** Carries out the commands, adding to `results` as it goes. */
    void run(JsonElement script, JsonArray results) {
        if (!(script instanceof JsonArray commands)) {
            results.add(Refusal.malformed("a script is a list of commands").entry());
            return;
        }
        for (JsonElement command : commands) {
            JsonObject entry;
            boolean goesOn = true;
            try {
                entry = perform(Command.of(command));
            } catch (Failure ending) {
                entry = ending.entry();
                goesOn = !(ending instanceof Refusal);
            }
            if (threads.stopped()) {
                return; // what the entry says is of the stop, not of the module
            }
            results.add(entry);
            if (!goesOn) {
                return;
            }
        }
    }

    private JsonObject perform(Command command) {
        return switch (command.text("type")) {
            case "module" -> module(command);
            case "assert_invalid", "assert_malformed", "assert_unlinkable", "assert_uninstantiable" -> attempt(command);
            case "register" -> register(command);
            case "action", "assert_return", "assert_trap", "assert_exhaustion", "assert_exception" -> action(command);
            case "memory" -> makeMemory(command);
            case "write" -> write(command);
            case "read" -> read(command);
            case "pages" -> pages();
            case "spawn" -> spawn(command);
            case "join" -> join();
            case "wasi" -> wasi(command);
            default -> {
                String why = ELSEWHERE.get(command.text("type"));
                throw why == null
                        ? Refusal.malformed("not a type of command: " + command.text("type"))
                        : new Refusal(command.text("type"), "unsupported", why);
            }
        };
    }

    @Override
    public void close() {
        if (team != null) {
            team.join(); // they use the memory, and would take time from the next script
        }
        store.close();
        folders.forEach(Folders::close);
    }

    // Modules

    private Module instantiate(Command command) {
        Engine.Code code = blobs.code(command);
        Grant grant = null;
        if (code.imports(Grant.WASI)) {
            Command given = command.has("wasi") ? command.object("wasi") : new Command(new JsonObject());
            // What a module prints is evidence, on standard error.
            grant = grant(given, System.err, System.err);
        }
        return new Module(store.instantiate(code, imports, grant), code);
    }

    private JsonObject module(Command command) {
        current = null; // before anything can fail: what comes after must not speak to the one before
        current = instantiate(command);
        if (command.has("name")) {
            named.put(command.text("name"), current);
        }
        return new JsonObject();
    }

    private JsonObject attempt(Command command) {
        try {
            instantiate(command);
            return new JsonObject();
        } catch (Refusal refusal) {
            if (refusal.phase().equals("script") || refusal.phase().equals("fetch")) {
                throw refusal; // the question was not asked
            }
            return refusal.entry();
        }
    }

    private Module find(Command command, String key) {
        if (!command.has(key)) {
            if (current == null) {
                throw new Refusal("call", "", "there is no current module");
            }
            return current;
        }
        Module found = named.get(command.text(key));
        if (found == null) {
            throw new Refusal("call", "", "no module is named " + command.text(key));
        }
        return found;
    }

    private JsonObject register(Command command) {
        String name = command.text("as");
        Module module = find(command, "name");
        Team.Registered one = new Team.Registered(name, module.code());
        one.into(imports, module.instance());
        registered.add(one);
        return new JsonObject();
    }

    // Calls

    private JsonObject action(Command command) {
        Command action = command.object("action");
        Instance instance = find(action, "module").instance();
        String field = action.text("field");
        Supplier<List<Value>> call;
        switch (action.text("type")) {
            case "invoke" -> {
                List<Value> arguments = action.list("args").stream().map(this::value).toList();
                List<String> results = command.texts("results");
                call = () -> instance.invoke(field, arguments, results);
            }
            case "get" -> call = () -> {
                Value value = instance.get(field);
                if (value == null) {
                    throw new Refusal("call", "", "no global is exported as " + field);
                }
                return List.of(value);
            };
            default -> throw Refusal.malformed("not a type of action: " + action.text("type"));
        }
        List<Value> values;
        JsonObject result = new JsonObject();
        if (command.has("repeat")) {
            values = repeat(call, command.integer("repeat", 1, MOST_REPEATS), result);
        } else {
            long start = System.nanoTime();
            values = call.get();
            result.addProperty("seconds", (System.nanoTime() - start) / 1e9);
        }
        if (command.has("bind")) {
            if (values.isEmpty()) {
                throw new Refusal("call", "", field + " has no result to bind");
            }
            bound.put(command.text("bind"), values.get(0));
        }
        result.add("values", encoded(values));
        return result;
    }

    private static List<Value> repeat(Supplier<List<Value>> call, long count, JsonObject result) {
        List<Value> values = List.of();
        long[] nanoseconds = new long[(int) count];
        for (int index = 0; index < nanoseconds.length; index++) {
            long start = System.nanoTime();
            values = call.get();
            nanoseconds[index] = System.nanoTime() - start;
        }
        JsonArray times = new JsonArray(nanoseconds.length);
        long sum = 0;
        for (long each : nanoseconds) {
            times.add(each / 1e9);
            sum += each;
        }
        result.addProperty("seconds", sum / 1e9);
        result.add("times", times);
        return values;
    }

    private Value value(JsonElement data) {
        if (!(data instanceof JsonObject object && object.has("bound"))) {
            return Value.decode(data);
        }
        Command command = new Command(object);
        String type = command.text("type");
        if (Value.width(type) == 0) {
            throw Refusal.malformed("not a type for a bound value: " + type);
        }
        return Value.of(type, boundBits(command));
    }

    private long boundBits(Command command) {
        Value value = bound.get(command.text("bound"));
        if (value == null) {
            throw Refusal.malformed("no value is bound to " + command.text("bound"));
        }
        return value.low() + (command.has("plus") ? command.integer("plus", Long.MIN_VALUE, Long.MAX_VALUE) : 0);
    }

    private static JsonArray encoded(List<Value> values) {
        JsonArray array = new JsonArray();
        values.forEach(value -> array.add(value.encode()));
        return array;
    }

    /** The entry of a worker for what a call of its gives or throws. */
    static JsonObject report(Supplier<List<Value>> call) {
        try {
            JsonObject entry = new JsonObject();
            entry.add("values", encoded(call.get()));
            return entry;
        } catch (Failure failure) {
            return failure.entry();
        }
    }

    // Linear memory

    private JsonObject makeMemory(Command command) {
        List<String> as = command.texts("as");
        if (as.size() != 2) {
            throw Refusal.malformed("as has 2 strings: " + as);
        }
        boolean isShared = command.has("shared") && new JsonPrimitive(true).equals(command.get("shared"));
        if (isShared && !command.has("maximum")) {
            throw Refusal.malformed("a shared memory has a maximum");
        }
        long minimum = command.integer("minimum", 0, Long.MAX_VALUE);
        long maximum = command.has("maximum") ? command.integer("maximum", 0, Long.MAX_VALUE) : -1;
        made = engine.memory(new Memory.Limits(minimum, maximum, isShared));
        Store.Name name = new Store.Name(as.get(0), as.get(1));
        imports.put(name, made);
        if (isShared) {
            shared.put(name, made); // nothing else can be had by another thread's instance
        }
        return new JsonObject();
    }

    private Memory linear() {
        Memory exported = current == null ? null : current.instance().memory();
        Memory memory = exported == null ? made : exported;
        if (memory == null) {
            throw new Refusal("memory", "", "the current module exports no memory, and the host made none");
        }
        return memory;
    }

    private long address(JsonElement data) {
        if (data instanceof JsonObject object && object.has("bound")) {
            return boundBits(new Command(object));
        }
        return Command.integer(data, "an address", Long.MIN_VALUE, Long.MAX_VALUE);
    }

    private JsonObject write(Command command) {
        long address = address(command.get("address"));
        linear().write(address, blobs.data(command.get("data")));
        return new JsonObject();
    }

    private JsonObject read(Command command) {
        long address = address(command.get("address"));
        byte[] bytes = linear().read(address, command.integer("length", 0, Long.MAX_VALUE));
        JsonObject result = new JsonObject();
        result.addProperty("bytes", Base64.getEncoder().encodeToString(bytes));
        return result;
    }

    private JsonObject pages() {
        JsonObject result = new JsonObject();
        result.addProperty("pages", linear().pages());
        return result;
    }

    // Threads

    private Team.Region region(Command command, String key) {
        if (!command.has(key)) {
            return null;
        }
        Command region = command.object(key);
        return new Team.Region(address(region.get("address")), region.integer("size", 0, 1L << 32));
    }

    private JsonObject spawn(Command command) {
        if (team != null) {
            throw Refusal.malformed("the workers of the last spawn have not been joined");
        }
        Team.Plan plan = new Team.Plan(
                engine,
                find(command, "name").code(),
                List.copyOf(registered),
                shared,
                command.text("field"),
                value(command.get("arg")),
                region(command, "stack"),
                region(command, "tls"));
        team = new Team(plan, (int) command.integer("workers", 1, MOST_WORKERS), threads);
        return new JsonObject();
    }

    private JsonObject join() {
        if (team == null) {
            throw Refusal.malformed("there are no workers to join");
        }
        JsonObject result = team.join();
        team = null;
        return result;
    }

    // WASI

    private Grant grant(Command given, OutputStream stdout, OutputStream stderr) {
        List<String> arguments = given.texts("args").stream().map(Folders::plain).toList();
        Map<String, String> environment = new LinkedHashMap<>();
        if (given.has("env")) {
            given.object("env").data().asMap().forEach((name, value) -> {
                String text = Command.text(value, "a string in env");
                environment.put(Folders.plain(name), Folders.plain(text));
            });
        }
        byte[] stdin = given.has("stdin") ? blobs.data(given.get("stdin")) : new byte[0];
        Folders preopens = null;
        if (!given.list("preopens").isEmpty()) {
            preopens = new Folders(given.list("preopens"), blobs::data);
            folders.add(preopens);
        }
        return new Grant(arguments, environment, () -> new ByteArrayInputStream(stdin), stdout, stderr, preopens);
    }

    private void start(Engine.Code code, Grant grant) {
        try (Store fresh = engine.store()) {
            fresh.instantiate(code, Map.of(), grant).invoke(Program.START, List.of(), List.of());
        }
    }

    private JsonObject wasi(Command command) {
        Engine.Code code = blobs.code(command);
        Output stdout = new Output();
        Output stderr = new Output();
        Grant grant = grant(command, stdout, stderr);
        List<String> wanted = command.texts("collect");
        JsonObject result = new JsonObject();
        result.addProperty("exit", 0);
        boolean startsThreads = code.imports(Program.THREADS);
        long start = System.nanoTime();
        try {
            if (startsThreads) {
                new Program(engine, code, grant, threads).run();
            } else {
                start(code, grant);
            }
        } catch (Refusal refusal) {
            throw refusal;
        } catch (Failure ending) {
            result = ending.entry();
        }
        result.addProperty("seconds", (System.nanoTime() - start) / 1e9);
        if (startsThreads) {
            result.addProperty("threads", "host");
        }
        result.addProperty("stdout", stdout.base64());
        result.addProperty("stderr", stderr.base64());
        JsonObject files = new JsonObject();
        for (String guest : wanted) {
            byte[] content = grant.folders() == null ? null : grant.folders().collect(guest);
            files.addProperty(guest, content == null ? null : Base64.getEncoder().encodeToString(content));
        }
        result.add("files", files);
        return result;
    }
}
