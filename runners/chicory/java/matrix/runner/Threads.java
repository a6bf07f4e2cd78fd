package matrix.runner;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The threads of one script: all can be told to stop. */
final class Threads {
    /**
     * Bytes of stack: enough for some ten thousand calls of a module in each other, and what is never touched costs
     * nothing.
     */
    private static final long STACK = 16 << 20;

    /** Milliseconds between two calls to stop: one may come while a thread is in the middle of clearing the last. */
    static final long AGAIN = 20;

    private final Set<Thread> all = ConcurrentHashMap.newKeySet();
    private volatile boolean stopped;

    /** Starts a thread. It does not keep the process from ending. */
    Thread start(String name, Runnable work) {
        Thread thread = new Thread(null, work, name, STACK);
        thread.setDaemon(true);
        all.add(thread);
        thread.start();
        if (stopped) {
            thread.interrupt();
        }
        return thread;
    }

    /** Those that have not ended. */
    List<Thread> alive() {
        return all.stream().filter(Thread::isAlive).toList();
    }

    /** Whether `stop` has been called: what then ends has not ended by itself. */
    boolean stopped() {
        return stopped;
    }

    /** Tells all to stop. One that clears its interrupt must be told again. */
    void stop() {
        stopped = true;
        all.forEach(Thread::interrupt);
    }

    /** Ends these, which takes until they notice it. */
    static void end(Collection<Thread> threads) {
        threads.forEach(Thread::interrupt);
        boolean interrupted = false;
        for (Thread thread : threads) {
            while (thread.isAlive()) {
                try {
                    thread.join(AGAIN);
                } catch (InterruptedException again) {
                    interrupted = true;
                }
                thread.interrupt();
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits for a thread, however often this one is interrupted. */
    static void await(Thread thread) {
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException again) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
