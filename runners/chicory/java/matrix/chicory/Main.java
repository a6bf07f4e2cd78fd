package matrix.chicory;

import matrix.runner.Server;

/** The runner of Chicory: `Main interpreter|compiler`. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) {
        Mode mode = Mode.of(arguments);
        if (mode == null) {
            System.err.println("usage: matrix.chicory.Main interpreter|compiler");
            System.exit(2);
        }
        // Threads may still be in a module: they are not waited for.
        System.exit(Server.serve(() -> new Chicory(mode)));
    }
}
