# One crate to one module: sh build.sh CRATE TARGET OUT [ARGUMENT OF CARGO…]
# FLAGS may hold further flags of rustc. No path of this machine gets into the module.
set -eu
crate=$1 target=$2 out=$3
shift 3
cd "$crate"
cargo fetch --quiet --locked --target "$target"

flags="--remap-path-prefix=$PWD=/$crate"
add() { flags=$flags$(printf '\037')$1; } # cargo's separator, so that paths may have spaces
commit=$(rustc --version --verbose | sed -n 's/^commit-hash: //p')
add "--remap-path-prefix=$(rustc --print sysroot)/lib/rustlib/src/rust=/rustc/$commit"
for index in "${CARGO_HOME:-$HOME/.cargo}"/registry/src/*; do # one for each registry or mirror that this machine knows
    add "--remap-path-prefix=$index=/registry"
done
for flag in ${FLAGS:-}; do
    add "$flag"
done

export CARGO_TARGET_DIR="$TMPDIR/target" CARGO_ENCODED_RUSTFLAGS="$flags"
cargo build --quiet --release --locked --target "$target" "$@"
cp "$CARGO_TARGET_DIR/$target/release/"*.wasm "$out"
