# The programs of a folder to one module with WASI's pthreads: sh build.sh PYTHON FOLDER OUT [ARGUMENT OF THE COMPILER…]
# Compiler, linker and headers are those of zig; the libc with threads, which zig's own is not, is that of Rust's target.
set -eu
python=$1 folder=$2 out=$3
shift 3
target=$(rustc --print target-libdir --target wasm32-wasip1-threads)
export ZIG_GLOBAL_CACHE_DIR="$TMPDIR/cache" ZIG_LOCAL_CACHE_DIR="$TMPDIR/cache"

cd "$folder"
for program in *.c; do
    "$python" -m ziglang cc --target=wasm32-wasi -mcpu=generic+atomics+bulk_memory -pthread -std=gnu17 -O2 -Wall -Wextra -Werror \
        "$@" -c "$program" -o "$TMPDIR/$program.o"
done
"$python" -m ziglang wasm-ld --import-memory --export-memory --shared-memory --max-memory=134217728 --strip-all \
    "$target/self-contained/crt1-command.o" "$TMPDIR"/*.c.o "$target/self-contained/libc.a" "$target"/libcompiler_builtins-*.rlib -o "$out"
