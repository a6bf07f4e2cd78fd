package matrix.runner;

/** A linear memory. Addresses and lengths are in bytes; outside of it: Refusal of phase `memory`. */
public interface Memory {
    /** In pages of 64 KiB; `maximum` is negative for none. */
    record Limits(long minimum, long maximum, boolean shared) {}

    long pages();

    byte[] read(long address, long length);

    void write(long address, byte[] data);
}
