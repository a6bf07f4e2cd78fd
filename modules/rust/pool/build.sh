# The program NAME into a folder: sh pool/build.sh NAME FOLDER [ARGUMENT OF CARGO…], from the folder above. Its files are
# called after it; in the sources they are called `pool`.
set -eu
name=$1 folder=$2
shift 2

# std as it comes knows one thread alone. https://github.com/rust-lang/rust/issues/77839
export RUSTC_BOOTSTRAP=1
link=-Clink-arg=
FLAGS="-Ctarget-feature=+atomics,+bulk-memory,+mutable-globals $link--shared-memory $link--import-memory
    $link--max-memory=67108864 $link--export=__wasm_init_tls $link--export=__tls_size $link--export=__tls_align
    $link--export=__tls_base" \
    sh build.sh pool wasm32-unknown-unknown "$TMPDIR/plain.wasm" -Zbuild-std=std,panic_abort "$@"

wasm-bindgen --target web --no-typescript --out-name pool --out-dir "$TMPDIR/bound" "$TMPDIR/plain.wasm"
cp "$TMPDIR/bound/pool_bg.wasm" "$folder/$name.wasm"
{
    echo "// Written by $(wasm-bindgen --version), of which parts of it are: https://github.com/wasm-bindgen/wasm-bindgen, Apache-2.0."
    cat "$TMPDIR/bound/pool.js"
} >"$TMPDIR/pool-bindings.mjs"
for file in "$TMPDIR/pool-bindings.mjs" pool/js/*.mjs; do
    sed "s#\./pool\([-.]\)#./$name\1#g" "$file" >"$folder/$name${file##*/pool}"
done
