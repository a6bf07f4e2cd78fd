package matrix.runner;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntUnaryOperator;

/**
 * A WASI program that starts threads, each an instance of its own on the memory that all import. The first end of any is
 * the end of all. https://github.com/WebAssembly/wasi-threads
 */
final class Program {
    /** The module of its import: what has it is such a program. */
    static final String THREADS = "wasi";

    private static final Store.Name SPAWN = new Store.Name(THREADS, "thread-spawn");

    /** The function that is a command. */
    static final String START = "_start";

    /** What the import gives where no thread is to be had. */
    private static final int REFUSED = -1;

    private final Engine engine;
    private final Engine.Code code;
    private final Grant grant;
    private final Threads threads;
    private final Map<Store.Name, Object> imports = new HashMap<>();
    private final AtomicInteger numbers = new AtomicInteger();
    private final List<Thread> started = new ArrayList<>();
    private boolean over;
    private Throwable end;

    Program(Engine engine, Engine.Code code, Grant grant, Threads threads) {
        this.engine = engine;
        this.code = code;
        this.grant = grant;
        this.threads = threads;
        code.memories().forEach((name, limits) -> imports.put(name, engine.memory(limits)));
        imports.put(SPAWN, (IntUnaryOperator) this::spawn);
    }

    /** Runs it to its end, which no thread of it outlives. Failure for what ended it, if `_start` did not return. */
    void run() {
        start(START);
        boolean stopped = awaitEnd();
        Threads.end(started); // since it is over, there will be no more
        if (stopped) {
            Thread.currentThread().interrupt();
        }
        if (end instanceof Failure failure) {
            throw failure;
        }
        if (end != null) { // ours: the session ends with it
            throw new IllegalStateException("a thread of a program failed", end);
        }
    }

    /** Whether this thread was told to stop before there was an end. */
    private synchronized boolean awaitEnd() {
        try {
            while (!over) {
                wait();
            }
            return false;
        } catch (InterruptedException deadline) {
            over = true;
            return true;
        }
    }

    private int spawn(int argument) {
        int number = numbers.incrementAndGet();
        try {
            start("wasi_thread_start", Value.i32(number), Value.i32(argument));
            return number;
        } catch (Failure | OutOfMemoryError error) { // the latter: no more threads
            System.err.println("thread " + number + ": " + error.getMessage());
            return REFUSED;
        }
    }

    /** A thread with an instance of its own, which calls this function and then ends. */
    private void start(String function, Value... arguments) {
        Store store = engine.store();
        try {
            Instance instance = store.instantiate(code, imports, grant);
            synchronized (this) {
                if (over) {
                    throw new Refusal("spawn", "", "the program has ended");
                }
                started.add(threads.start("program", () -> call(store, instance, function, List.of(arguments))));
            }
        } catch (Failure | OutOfMemoryError error) {
            store.close();
            throw error;
        }
    }

    private void call(Store store, Instance instance, String function, List<Value> arguments) {
        try (store) {
            instance.invoke(function, arguments, List.of());
            if (function.equals(START)) {
                end(null);
            }
        } catch (RuntimeException | Error thrown) {
            end(thrown);
        }
    }

    private synchronized void end(Throwable how) {
        if (!over) {
            over = true;
            end = how;
            notifyAll();
        }
    }
}
