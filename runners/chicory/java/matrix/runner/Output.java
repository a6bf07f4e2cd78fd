package matrix.runner;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Base64;

/** What a command and its threads print, kept in memory up to a limit; then there is no more space. */
final class Output extends OutputStream {
    private static final int LIMIT = 64 << 20;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    @Override
    public void write(int single) throws IOException {
        write(new byte[] {(byte) single}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] more, int offset, int length) throws IOException {
        if (length > LIMIT - bytes.size()) {
            throw new IOException("no space left: a command has printed " + LIMIT + " bytes");
        }
        bytes.write(more, offset, length);
    }

    String base64() {
        return Base64.getEncoder().encodeToString(bytes.toByteArray());
    }
}
