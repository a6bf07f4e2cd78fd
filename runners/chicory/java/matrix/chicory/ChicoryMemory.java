package matrix.chicory;

import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.wasm.ChicoryException;
import matrix.runner.Refusal;

/** A memory of Chicory's, seen from the host. */
record ChicoryMemory(Memory handle) implements matrix.runner.Memory {
    @Override
    public long pages() {
        return handle.pages();
    }

    @Override
    public byte[] read(long address, long length) {
        check(address, length);
        try {
            return handle.readBytes((int) address, (int) length);
        } catch (ChicoryException error) {
            throw new Refusal("memory", "", error.getMessage());
        }
    }

    @Override
    public void write(long address, byte[] data) {
        check(address, data.length);
        try {
            handle.write((int) address, data);
        } catch (ChicoryException error) {
            throw new Refusal("memory", "", error.getMessage());
        }
    }

    private void check(long address, long length) {
        long size = pages() * Memory.PAGE_SIZE;
        if (address < 0 || length < 0 || address > size || length > size - address) {
            String message = length + " bytes at " + address + " are outside of a memory of " + size + " bytes";
            throw new Refusal("memory", "", message);
        }
    }
}
