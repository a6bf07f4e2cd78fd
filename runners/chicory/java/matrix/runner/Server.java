package matrix.runner;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.Map;
import java.util.function.Supplier;

/** The runner's side of PROTOCOL.md: one session, until `bye`, the end of standard input or SIGTERM. */
public final class Server {
    private static final int PROTOCOL = 1;

    /** Milliseconds between two looks at a script that takes its time. */
    private static final long LOOK = 500;

    /** Seconds for which all threads of a script may wait for each other: then nobody is left to wake them. */
    private static final double STANDSTILL = 5;

    private final Wire wire;
    private final Engine engine;
    private final Blobs blobs;

    private Server(Wire wire, Engine engine) {
        this.wire = wire;
        this.engine = engine;
        this.blobs = new Blobs(engine);
    }

    /** Serves one session on the engine that `start` makes; the exit code: 0, or 2 for what is not the protocol. */
    public static int serve(Supplier<Engine> start) {
        try (Wire wire = new Wire()) {
            return new Server(wire, start.get()).loop();
        } catch (IOException hostIsGone) {
            return 0;
        }
    }

    private int loop() throws IOException {
        while (true) {
            JsonObject message;
            try {
                message = wire.receive();
            } catch (IllegalArgumentException error) {
                System.err.println("not the protocol: " + error.getMessage());
                return 2;
            }
            String kind = message == null ? "bye" : String.valueOf(message.get("type")).replace("\"", "");
            switch (kind) {
                case "bye" -> {
                    return 0;
                }
                case "hello" -> wire.send(hello());
                case "run" -> wire.send(observe(message));
                default -> {
                    System.err.println("not a type of message: " + kind);
                    return 2;
                }
            }
        }
    }

    private JsonObject hello() {
        JsonObject facts = new JsonObject();
        facts.addProperty("java", System.getProperty("java.runtime.version"));
        facts.addProperty("vm", System.getProperty("java.vm.name"));
        for (Map.Entry<String, String> fact : engine.facts().entrySet()) {
            facts.addProperty(fact.getKey(), fact.getValue());
        }
        JsonObject hello = new JsonObject();
        hello.addProperty("type", "hello");
        hello.addProperty("protocol", PROTOCOL);
        hello.addProperty("runtime", engine.runtime());
        hello.addProperty("version", engine.version());
        hello.add("facts", facts);
        return hello;
    }

    /**
     * Carries out a script on a thread of its own, which can be interrupted at the deadline. Where that does not help
     * there is no answer, and the host ends us.
     */
    private JsonObject observe(JsonObject message) {
        Threads threads = new Threads();
        JsonArray results = new JsonArray();
        Throwable[] fault = {null};
        long start = System.nanoTime();
        Thread thread = threads.start("script", () -> {
            try (Script script = new Script(engine, blobs, threads)) {
                script.run(message.get("script"), results);
            } catch (RuntimeException | Error error) { // ours: the session ends with it
                fault[0] = error;
            }
        });
        String overdue = watch(thread, threads, message.get("deadline"));
        if (overdue != null) {
            do {
                threads.stop();
            } while (!ended(thread, Threads.AGAIN));
            results.add(new Refusal("deadline", "deadline", overdue).entry());
        }
        if (fault[0] != null) {
            throw new IllegalStateException("the runner itself failed", fault[0]);
        }
        JsonObject observation = new JsonObject();
        observation.addProperty("type", "observation");
        observation.add("id", message.get("id"));
        observation.add("results", results);
        observation.addProperty("seconds", (System.nanoTime() - start) / 1e9);
        return observation;
    }

    /** Waits for the script's end; why it is given up, or null. */
    private static String watch(Thread thread, Threads threads, JsonElement deadline) {
        double seconds = deadline == null ? Double.POSITIVE_INFINITY : deadline.getAsDouble();
        long start = System.nanoTime();
        Standstill standstill = null;
        while (true) {
            double left = seconds - (System.nanoTime() - start) / 1e9;
            if (left <= 0) {
                return "not done after " + seconds + " s";
            }
            if (ended(thread, (long) Math.min(LOOK, Math.ceil(left * 1e3)))) {
                return null;
            }
            standstill = standstill == null ? new Standstill(threads) : standstill; // most scripts never need one
            if (standstill.seconds() > STANDSTILL) {
                return "stood still: for " + STANDSTILL + " s each of its threads has waited for another to wake it";
            }
        }
    }

    private static boolean ended(Thread thread, long milliseconds) {
        try {
            thread.join(Math.max(1, milliseconds));
        } catch (InterruptedException nobodyDoes) {
            throw new IllegalStateException(nobodyDoes);
        }
        return !thread.isAlive();
    }
}
