package matrix.runner;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** The workers of one `spawn`: each with instances of its own, on a thread of its own, on the same shared memories. */
final class Team {
    /** `size` bytes for each worker, one after the other from `address` on. */
    record Region(long address, long size) {}

    /** A module whose exports can be imported, under this name. */
    record Registered(String as, Engine.Code code) {
        void into(Map<Store.Name, Object> imports, Instance instance) {
            instance.exports().forEach((field, item) -> imports.put(new Store.Name(as, field), item));
        }
    }

    /** What each worker does; `stack` and `tls` are null where the script gives none. */
    record Plan(
            Engine engine,
            Engine.Code code,
            List<Registered> registered,
            Map<Store.Name, Object> memories,
            String field,
            Value argument,
            Region stack,
            Region tls) {}

    private static final class Worker {
        private Thread thread;
        private Failure failure;
        private Throwable fault;
        private JsonObject entry;
        private long started;
        private long ended;
    }

    private final Plan plan;
    private final List<Worker> workers = new ArrayList<>();
    private final CountDownLatch ready;
    private final CountDownLatch go = new CountDownLatch(1);
    private volatile boolean abandoned;

    /**
     * Starts them. All are instantiated when this returns, and only then is the first let go. Refusal of phase `spawn`
     * where one could not be instantiated; then none runs.
     */
    Team(Plan plan, int count, Threads threads) {
        this.plan = plan;
        ready = new CountDownLatch(count);
        for (int index = 0; index < count; index++) {
            workers.add(new Worker());
        }
        try {
            for (int index = 0; index < count; index++) {
                int number = index;
                workers.get(index).thread = threads.start("worker " + index, () -> run(number));
            }
            ready.await();
        } catch (OutOfMemoryError error) { // no more threads
            abandon();
            throw new Refusal("spawn", "OutOfMemoryError", error.getMessage());
        } catch (InterruptedException stopped) {
            abandon();
            throw new Refusal("spawn", "InterruptedException", "interrupted");
        }
        for (int index = 0; index < count; index++) {
            Failure failure = workers.get(index).failure;
            if (failure != null) {
                abandon();
                String name = failure instanceof Refusal refusal ? refusal.phase() : failure.getClass().getSimpleName();
                throw new Refusal("spawn", name, "worker " + index + ": " + failure.text());
            }
        }
        go.countDown();
    }

    private void abandon() {
        abandoned = true;
        go.countDown();
        await();
    }

    private void await() {
        workers.stream().filter(worker -> worker.thread != null).forEach(worker -> Threads.await(worker.thread));
    }

    private void run(int index) {
        Worker worker = workers.get(index);
        try (Store store = plan.engine.store()) {
            Instance instance;
            try {
                instance = instance(store, index);
            } catch (Failure failure) {
                worker.failure = failure;
                return;
            } finally {
                ready.countDown();
            }
            go.await();
            if (abandoned) {
                return;
            }
            List<Value> arguments = List.of(Value.i32(index), plan.argument);
            worker.started = System.nanoTime();
            worker.entry = Script.report(() -> instance.invoke(plan.field, arguments, List.of("i32")));
            worker.ended = System.nanoTime();
            worker.entry.addProperty("seconds", (worker.ended - worker.started) / 1e9);
            if (!worker.entry.has("values")) {
                // The others may wait for this one forever: then the deadline ends them, and this is what there is.
                System.err.println("worker " + index + " of " + workers.size() + ": " + worker.entry);
            }
        } catch (InterruptedException stopped) {
            worker.entry = new Refusal("spawn", "InterruptedException", "interrupted").entry();
        } catch (RuntimeException | Error fault) { // ours: the session ends with it, once the others let it
            fault.printStackTrace();
            worker.fault = fault;
        }
    }

    /** Instances of the worker's own: of what is registered, and of the module that it runs. */
    private Instance instance(Store store, int index) {
        Map<Store.Name, Object> imports = new HashMap<>(plan.memories);
        for (Registered one : plan.registered) {
            Instance library = instance(store, one.code, imports);
            initialize(library);
            one.into(imports, library);
        }
        Instance instance = instance(store, plan.code, imports);
        giveStackAndTls(instance, index);
        initialize(instance);
        return instance;
    }

    private static Instance instance(Store store, Engine.Code code, Map<Store.Name, Object> imports) {
        return store.instantiate(code, imports, code.imports(Grant.WASI) ? Grant.nothing() : null);
    }

    private static void initialize(Instance instance) {
        if (instance.exports().containsKey("_initialize")) {
            instance.invoke("_initialize", List.of(), List.of());
        }
    }

    private void giveStackAndTls(Instance instance, int index) {
        if (plan.stack != null && instance.isVariable("__stack_pointer")) {
            instance.set("__stack_pointer", Value.i32(plan.stack.address + (index + 1) * plan.stack.size));
        }
        Value size = plan.tls == null ? null : instance.get("__tls_size");
        if (size != null && size.low() > 0) {
            if (size.low() > plan.tls.size) {
                String message = "TLS of " + size.low() + " bytes does not fit " + plan.tls.size;
                throw new Refusal("spawn", "", message);
            }
            instance.invoke("__wasm_init_tls", List.of(Value.i32(plan.tls.address + index * plan.tls.size)), List.of());
        }
    }

    /** Waits for all, forever if need be: the deadline ends them. */
    JsonObject join() {
        await();
        JsonArray entries = new JsonArray();
        for (Worker worker : workers) {
            if (worker.fault != null) {
                throw new IllegalStateException("a worker failed", worker.fault);
            }
            entries.add(worker.entry);
        }
        JsonObject result = new JsonObject();
        result.add("workers", entries);
        long started = workers.stream().mapToLong(worker -> worker.started).min().orElse(0);
        long ended = workers.stream().mapToLong(worker -> worker.ended).max().orElse(0);
        result.addProperty("seconds", (ended - started) / 1e9);
        return result;
    }
}
