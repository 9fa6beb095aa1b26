#!/bin/sh
# Links the package's DLL as R on Windows does, in the tree of windows.sh. R itself is
# not installed there. Its import library is generated from the functions that R's headers
# declare for Windows, so that functions available only on Unix are reported as missing.
set -eu
. /root/windows_toolchain.sh

include=/usr/share/R/include
work=$(mktemp -d)

# Headers whose functions are not in R.dll, or exist only on Unix.
# GraphicsEngine.h includes GraphicsDevice.h.
not_of_r_dll="GraphicsDevice BLAS Lapack Linpack QuartzDevice GetX11Image eventloop stats_package stats_stubs"
(
  cd $include
  for header in R.h Rinternals.h Rembedded.h Rmath.h R_ext/*.h; do
    name=$(basename "$header" .h)
    case " $not_of_r_dll " in *" $name "*) continue ;; esac
    echo "#include <$header>"
  done
) >"$work/headers.c"

# R's own Makefiles define Win32.
compile() {
  $mingw-gcc -DWin32 -I$include -std=gnu17 -O1 -Wall "$@"
}
compile -w -aux-info "$work/functions" -fsyntax-only "$work/headers.c"
compile -w -E "$work/headers.c" >"$work/variables"
{
  echo "LIBRARY R.dll"
  echo EXPORTS
  sed -n "s|^/\* $include/.* \*/ extern [^(]*[ *]\([A-Za-z_][A-Za-z0-9_]*\) (.*|\1|p" "$work/functions" |
    sort -u
  sed -n 's/^ *extern *__attribute__((dllimport)).*[ *]\([A-Za-z_][A-Za-z0-9_]*\);.*/\1 DATA/p' \
    "$work/variables" | sort -u
} >"$work/R.def"
grep -q '^R_CheckUserInterrupt$' "$work/R.def"
grep -q '^R_NilValue DATA$' "$work/R.def"
$mingw-dlltool --input-def "$work/R.def" --output-lib "$work/libR.a"

start_objects
cargo_for_windows rustc --lib --package openaistream -- --print native-static-libs
compile -c -o "$work/entrypoint.o" /package/src/entrypoint.c
compile -c -o "$work/event_loop.o" /package/src/event_loop.c
libraries=$(sed -e ':join' -e '/\\$/{N;s/\\\n//;b join' -e '}' /package/src/Makevars.win.in |
  sed -n 's/^PKG_LIBS = .*-lopenaistream//p')
# shellcheck disable=SC2086
$mingw-gcc -shared -static-libgcc -o "$work/openaistream.dll" \
  /package/src/openaistream-win.def "$work/entrypoint.o" "$work/event_loop.o" \
  -L"$CARGO_TARGET_DIR/$target/debug" -lopenaistream $libraries -L"$work" -lR
$mingw-objdump -p "$work/openaistream.dll" | sed -n 's/.*DLL Name: /needs /p'
$mingw-objdump -p "$work/openaistream.dll" | grep -q 'R_init_openaistream'
echo "linked; the import library has $(grep -c . "$work/R.def") symbols of R"
