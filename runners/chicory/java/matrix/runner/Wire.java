package matrix.runner;

import com.google.gson.JsonElement;
import com.google.gson.JsonIOException;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonSyntaxException;
import com.google.gson.Strictness;
import com.google.gson.internal.Streams;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.StringReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;

/** The protocol's own ends. What anything else in this process prints goes to standard error, and it reads nothing. */
final class Wire implements AutoCloseable {
    /** Milliseconds that a script may still take after its host is gone. */
    private static final long GRACE = 10_000;

    private final InputStream in = new FileInputStream(FileDescriptor.in);
    private final OutputStream out = new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16);
    private final LinkedBlockingQueue<Optional<String>> lines = new LinkedBlockingQueue<>();

    Wire() {
        System.setOut(System.err);
        System.setIn(InputStream.nullInputStream());
        Thread reader = new Thread(this::read, "wire");
        reader.setDaemon(true);
        reader.start();
    }

    /** Beside the scripts, so that the host's end is noticed even while a module runs and never comes back. */
    private void read() {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        byte[] chunk = new byte[1 << 16];
        try {
            for (int count; (count = in.read(chunk)) >= 0; ) {
                int from = 0;
                for (int at = 0; at < count; at++) {
                    if (chunk[at] == '\n') {
                        line.write(chunk, from, at - from);
                        lines.add(Optional.of(line.toString(StandardCharsets.UTF_8)));
                        line.reset();
                        from = at + 1;
                    }
                }
                line.write(chunk, from, count - from);
            }
        } catch (IOException closed) {
            // as good as its end
        }
        lines.add(Optional.empty());
        try {
            Thread.sleep(GRACE);
        } catch (InterruptedException nobodyDoes) {
            // then at once
        }
        Runtime.getRuntime().halt(0);
    }

    /** The next message, null at the end. IllegalArgumentException for what is none. */
    JsonObject receive() {
        Optional<String> next;
        try {
            next = lines.take();
        } catch (InterruptedException nobodyDoes) {
            throw new IllegalStateException(nobodyDoes);
        }
        if (next.isEmpty()) {
            return null;
        }
        String line = next.get();
        JsonReader reader = new JsonReader(new StringReader(line));
        reader.setStrictness(Strictness.STRICT);
        try {
            JsonElement message = JsonParser.parseReader(reader);
            if (message instanceof JsonObject object && reader.peek() == JsonToken.END_DOCUMENT) {
                return object;
            }
        } catch (JsonSyntaxException | JsonIOException | IOException error) {
            throw new IllegalArgumentException(error.getMessage(), error);
        }
        throw new IllegalArgumentException("not an object: " + line.substring(0, Math.min(200, line.length())));
    }

    void send(JsonObject message) throws IOException {
        Writer writer = new OutputStreamWriter(out, StandardCharsets.UTF_8);
        JsonWriter json = new JsonWriter(writer);
        json.setHtmlSafe(false);
        Streams.write(message, json);
        writer.write('\n');
        writer.flush();
    }

    @Override
    public void close() throws IOException {
        out.flush();
    }
}
