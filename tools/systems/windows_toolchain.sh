# Sourced by the scripts that build for Windows in the tree of windows.sh. Sets cargo up
# for x86_64-pc-windows-gnu with a standard library built from source, because Debian does
# not package one.
target=x86_64-pc-windows-gnu
mingw=x86_64-w64-mingw32

export CARGO_TARGET_DIR=/root/target RUSTC_BOOTSTRAP=1 WINEDEBUG=-all
export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER=$mingw-gcc
export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER=wine
export CC_x86_64_pc_windows_gnu=$mingw-gcc AR_x86_64_pc_windows_gnu=$mingw-ar

# The startup objects of programs are also part of the standard library.
start_objects() {
  rustlib=$(rustc --print sysroot)/lib/rustlib
  mkdir -p "$rustlib/$target/lib"
  for name in rsbegin rsend; do
    [ -e "$rustlib/$target/lib/$name.o" ] || rustc --target $target --edition 2021 \
      --emit=obj --crate-type lib -o "$rustlib/$target/lib/$name.o" \
      "$rustlib/src/rust/library/rtstartup/$name.rs"
  done
}

# Runs the cargo command $1 for Windows with the remaining arguments.
cargo_for_windows() {
  command=$1
  shift
  cargo "$command" --locked --manifest-path /package/Cargo.toml --target $target \
    -Z build-std=std,panic_unwind,test "$@"
}
