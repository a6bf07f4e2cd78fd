# rustfmt and clippy for every crate, each for the target that it is built for and as its wrong twin too: sh lint.sh
set -eu
cd "$(dirname "$0")"

lint() { # CRATE TARGET [ARGUMENT OF CARGO…]
    crate=$1 target=$2
    shift 2
    cargo fmt --check --manifest-path "$crate/Cargo.toml"
    if test -d "$(rustc --print target-libdir --target "$target")" || rustup --quiet target add "$target"; then
        cargo clippy --quiet --locked --manifest-path "$crate/Cargo.toml" --target "$target" "$@" -- -D warnings
    else
        echo "modules/rust/$crate: NOT looked at by clippy: this Rust has no $target; rustup target add $target" >&2
    fi
}

lint core wasm32-unknown-unknown
lint core wasm32-unknown-unknown --features wrong
lint wasi wasm32-wasip1
lint wasi wasm32-wasip1 --features wrong
lint wasi-threads wasm32-wasip1-threads
lint wasi-threads wasm32-wasip1-threads --features wrong
lint edge wasm32-wasip1
lint edge wasm32-wasip1 --features wrong
export RUSTFLAGS="-C target-feature=+simd128"
lint simd wasm32-unknown-unknown
unset RUSTFLAGS
lint pool wasm32-unknown-unknown
lint pool wasm32-unknown-unknown --features wrong
export RUSTC_BOOTSTRAP=1 # memory_atomic_wait32 and memory_atomic_notify: see README.md
lint threads wasm32-wasip1-threads
lint threads wasm32-wasip1-threads --features wrong
lint state wasm32-wasip1-threads
lint sync wasm32-wasip1-threads
lint sync wasm32-wasip1-threads --features wrong
