# Sourced by the scripts that build for Windows within the tree of windows.sh: has
# cargo build for x86_64-pc-windows-gnu, with a standard library made from its source,
# for Debian packages none.
target=x86_64-pc-windows-gnu
mingw=x86_64-w64-mingw32

export CARGO_TARGET_DIR=/root/target RUSTC_BOOTSTRAP=1 WINEDEBUG=-all
export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER=$mingw-gcc
export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER=wine
export CC_x86_64_pc_windows_gnu=$mingw-gcc AR_x86_64_pc_windows_gnu=$mingw-ar

# The objects that begin and end each program are of the standard library, too.
start_objects() {
  rustlib=$(rustc --print sysroot)/lib/rustlib
  mkdir -p "$rustlib/$target/lib"
  for name in rsbegin rsend; do
    [ -e "$rustlib/$target/lib/$name.o" ] || rustc --target $target --edition 2021 \
      --emit=obj --crate-type lib -o "$rustlib/$target/lib/$name.o" \
      "$rustlib/src/rust/library/rtstartup/$name.rs"
  done
}

# cargo's command $1 for Windows, with the rest of the arguments.
cargo_for_windows() {
  command=$1
  shift
  cargo "$command" --locked --manifest-path /package/Cargo.toml --target $target \
    -Z build-std=std,panic_unwind,test "$@"
}
