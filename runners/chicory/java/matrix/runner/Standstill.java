package matrix.runner;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Collection;
import java.util.EnumSet;
import java.util.Set;

/**
 * Tells how long no thread of a script has run, while each of them waits for another: in `memory.atomic.wait`, or for a
 * worker's end. (A thread that sleeps, as WASI's clock lets it, does not wait for another.)
 */
final class Standstill {
    private static final ThreadMXBean TIMES = ManagementFactory.getThreadMXBean();

    private static final Set<Thread.State> WAITING = EnumSet.of(Thread.State.WAITING, Thread.State.TIMED_WAITING);

    private final Threads threads;
    private long ran = -1;
    private long since = System.nanoTime();

    Standstill(Threads threads) {
        this.threads = threads;
    }

    /** Seconds up to now. To be asked again and again. */
    double seconds() {
        long now = System.nanoTime();
        long total = runTime(threads.alive());
        if (total < 0 || total != ran) {
            ran = total;
            since = now;
        }
        return (now - since) / 1e9;
    }

    /** Nanoseconds of processor time that they have had in all; negative where one of them is not waiting. */
    private static long runTime(Collection<Thread> threads) {
        long total = 0;
        for (Thread thread : threads) {
            if (!waits(thread)) {
                return -1;
            }
            total += TIMES.getThreadCpuTime(thread.getId());
        }
        return total;
    }

    private static boolean waits(Thread thread) {
        StackTraceElement[] stack = thread.getStackTrace();
        return WAITING.contains(thread.getState()) // one that is notified is not, though it may not yet have run
                && stack.length > 0
                && stack[0].getClassName().equals("java.lang.Object")
                && stack[0].getMethodName().startsWith("wait");
    }
}
