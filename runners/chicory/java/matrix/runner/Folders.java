package matrix.runner;

import com.google.common.jimfs.Configuration;
import com.google.common.jimfs.Jimfs;
import com.google.gson.JsonElement;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystem;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * The preopened folders of a grant, in a file system in memory that has nothing else: whatever a link or a path says, it
 * leads nowhere else, and nothing of it is left on the disk.
 */
public final class Folders implements AutoCloseable {
    private final FileSystem files;
    private final Map<String, Path> preopens = new LinkedHashMap<>();

    /** Makes and fills them. Refusal of phase `script`, or `fetch` for the data. */
    Folders(List<JsonElement> wanted, Function<JsonElement, byte[]> data) {
        // WASI asks for inodes, which the view of that name has.
        files = Jimfs.newFileSystem(Configuration.unix().toBuilder().setAttributeViews("unix").build());
        try {
            for (JsonElement item : wanted) {
                Command preopen = Command.of(item);
                Path root = Files.createDirectory(files.getPath("/" + preopens.size()));
                preopens.put(plain(preopen.text("guest")), root);
                for (JsonElement entry : preopen.list("entries")) {
                    fill(root, Command.of(entry), data);
                }
            }
        } catch (IOException | InvalidPathException error) {
            close();
            throw Refusal.malformed("the folders cannot be filled: " + error);
        } catch (Failure failure) {
            close();
            throw failure;
        }
    }

    /** The folders by the names that the guest has for them, in their order. */
    public Map<String, Path> preopens() {
        return preopens;
    }

    /** For C's strings: a NUL would end it. */
    static String plain(String text) {
        if (text.indexOf('\0') >= 0) {
            throw Refusal.malformed("a NUL in a string for WASI");
        }
        return text;
    }

    private static void fill(Path root, Command entry, Function<JsonElement, byte[]> data) throws IOException {
        Path path = root.resolve(entry.text("path"));
        if (!path.startsWith(root) || path.equals(root) || !path.equals(path.normalize())) {
            throw Refusal.malformed("not a path within its folder: " + entry.text("path"));
        }
        Files.createDirectories(path.getParent());
        if (!path.getParent().toRealPath().startsWith(root) || Files.isSymbolicLink(path)) {
            throw Refusal.malformed("a path through a link: " + entry.text("path"));
        }
        if (entry.has("directory")) {
            Files.createDirectories(path);
        } else if (entry.has("symlink")) {
            Files.createSymbolicLink(path, path.getFileSystem().getPath(entry.text("symlink")));
        } else {
            Files.write(path, data.apply(entry.get("data")));
        }
    }

    /** The content of the guest's file, null where there is none; a link out of its folder is none. */
    byte[] collect(String guest) {
        Path wanted;
        try {
            wanted = files.getPath(guest);
        } catch (InvalidPathException error) {
            return null;
        }
        Comparator<Map.Entry<String, Path>> longest = Comparator.comparing(entry -> -entry.getKey().length());
        return preopens.entrySet().stream()
                .sorted(longest)
                .filter(entry -> wanted.startsWith(files.getPath(entry.getKey())))
                .findFirst()
                .map(entry -> {
                    Path relative = files.getPath(entry.getKey()).relativize(wanted);
                    return within(entry.getValue(), entry.getValue().resolve(relative));
                })
                .orElse(null);
    }

    private static byte[] within(Path root, Path path) {
        try {
            Path found = path.toRealPath();
            boolean mine = found.startsWith(root) && Files.isRegularFile(found, LinkOption.NOFOLLOW_LINKS);
            return mine ? Files.readAllBytes(found) : null;
        } catch (IOException absent) {
            return null;
        }
    }

    @Override
    public void close() {
        try {
            files.close();
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }
}
