package matrix.runner;

/** A linear memory. Addresses and lengths are in bytes; outside of it: Refusal of phase `memory`. */
public interface Memory {
    long pages();

    byte[] read(long address, long length);

    void write(long address, byte[] data);
}
