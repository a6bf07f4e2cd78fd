package matrix.runner;

import com.google.gson.JsonElement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;

/** What a session keeps between scripts, and nothing else: compiled modules and data, by the hash of their content. */
final class Blobs {
    /** Bytes of wasm whose compiled code is kept (the code is several times larger). */
    private static final long MODULES = 32 << 20;

    private static final long DATA = 64 << 20;

    private final Engine engine;
    private final Kept<Engine.Code> modules = new Kept<>(MODULES);
    private final Kept<byte[]> data = new Kept<>(DATA);

    Blobs(Engine engine) {
        this.engine = engine;
    }

    /** The compiled module that `command` names by content. */
    Engine.Code code(Command command) {
        String sha256 = command.text("sha256");
        String path = command.text("path");
        return modules.get(sha256, () -> {
            byte[] wasm = read(sha256, path);
            return new Kept.Sized<>(engine.compile(wasm), wasm.length);
        });
    }

    /** Data as a script writes it: inline, or by content. */
    byte[] data(JsonElement source) {
        Command command = Command.of(source);
        if (command.has("base64")) {
            try {
                return Base64.getDecoder().decode(command.text("base64"));
            } catch (IllegalArgumentException error) {
                throw Refusal.malformed("not base64: " + error.getMessage());
            }
        }
        String sha256 = command.text("sha256");
        String path = command.text("path");
        return data.get(sha256, () -> {
            byte[] content = read(sha256, path);
            return new Kept.Sized<>(content, content.length);
        });
    }

    private static byte[] read(String sha256, String path) {
        byte[] content;
        try {
            content = Files.readAllBytes(Path.of(path));
        } catch (IOException | InvalidPathException error) {
            throw new Refusal("fetch", error.getClass().getSimpleName(), path + ": " + error.getMessage());
        }
        String found = HexFormat.of().formatHex(digest(content));
        if (!found.equals(sha256)) {
            throw new Refusal("fetch", "hash", path + " has the hash " + found + ", not " + sha256);
        }
        return content;
    }

    private static byte[] digest(byte[] content) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(content);
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible); // every JDK has it
        }
    }
}
