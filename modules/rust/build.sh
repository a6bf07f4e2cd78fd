# One crate to one module: sh build.sh CRATE TARGET OUT [ARGUMENT OF CARGO…]
# FLAGS may hold further flags of rustc. No path of this machine gets into the module.
set -eu
crate=$1 target=$2 out=$3
shift 3
cd "$crate"
cargo fetch --quiet --locked --target "$target"

registry=${CARGO_HOME:-$HOME/.cargo}/registry/src
commit=$(rustc --version --verbose | sed -n 's/^commit-hash: //p')
flags="--remap-path-prefix=$PWD=/$crate"
flags="$flags --remap-path-prefix=$(rustc --print sysroot)/lib/rustlib/src/rust=/rustc/$commit"
for index in "$registry"/*; do # one for each registry or mirror that this machine knows
    flags="$flags --remap-path-prefix=$index=/registry"
done

export CARGO_TARGET_DIR="$TMPDIR/target" RUSTFLAGS="$flags ${FLAGS:-}"
cargo build --quiet --release --locked --target "$target" "$@"
cp "$CARGO_TARGET_DIR/$target/release/"*.wasm "$out"
