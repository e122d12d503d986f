#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes tests/files from the sources beside this script, with real tools; what no
# tool makes is crafted from their output (craft.py), and so are the damaged files
# (damage.py). The packages of Debian 12 that it needs stand in packages.txt.
#
#   generate.sh [FOLDER]     default: tests/files; its README.md and golden/ are kept
#
# Run again, it gives the same identifiers: time stamps are fixed, build-ids and
# GUIDs are hashes. No build path gets into a file: everything is compiled by
# relative names, in a folder that the compilers are told is called something else.
# shellcheck disable=SC2086 # flags are lists of words
set -eu

here=$(cd "$(dirname "$0")" && pwd)
out=$(mkdir -p "${1:-$here/../files}" && cd "${1:-$here/../files}" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp "$here"/src/* "$work"
cd "$work"
export SOURCE_DATE_EPOCH=1710276830 LC_ALL=C TZ=UTC
umask 022

for folder in windows linux macos breakpad other bad; do
  rm -rf "${out:?}/$folder"
  mkdir -p "$out/$folder"
done

freestanding='-g -O1 -ffreestanding -DFREESTANDING -fcoverage-compilation-dir=.'
stamp=/timestamp:0x65f0c0de

# ---------------------------------------------------------------- Windows --

# windows_compile TRIPLE: engine.obj and crashy.obj, with CodeView
windows_compile() {
  for c in engine crashy; do
    clang-14 --target="$1-pc-windows-msvc" -gcodeview $freestanding \
      '-fdebug-compilation-dir=c:\src' -c $c.c -o $c.obj
  done
}

# windows_link LINKER-OPTION...: engine.dll, crashy.exe and their PDBs. Their names in the
# PDB begin with c:\src, and the images name the PDBs without a folder.
windows_link() {
  set -- /nologo /nodefaultlib /debug /incremental:no '/pdbsourcepath:c:\src' "$@"
  lld-link-14 "$@" /dll /noentry engine.obj /out:engine.dll /implib:engine.lib \
    /pdb:engine.pdb /pdbaltpath:engine.pdb
  lld-link-14 "$@" /entry:crashy_start /subsystem:console crashy.obj engine.lib \
    /out:crashy.exe /pdb:crashy.pdb /pdbaltpath:crashy.pdb
}

# Each architecture has a time stamp of its own: the same stamp and size would be the same key.
windows_apps() {
  while read -r triple time folder; do
    folder=$out/windows/$folder
    mkdir -p "$folder"
    windows_compile "$triple"
    windows_link "/timestamp:0x$time"
    cp engine.dll engine.pdb crashy.exe crashy.pdb "$folder"
  done <<END
x86_64 65f0c0de
i686 65f0c0df x86
aarch64 65f0c0e0 arm64
armv7 65f0c0e1 arm
END
  rm "$out/windows/arm"/crashy.* "$out/windows/arm64"/engine.* # one pair of each is enough
}

windows_odd() {
  mkdir -p "$out/windows/odd" "$out/windows/mingw" "$out/windows/pages"
  windows_compile x86_64
  windows_link /Brepro
  cp crashy.exe "$out/windows/odd/brepro.exe"
  windows_link /timestamp:0x1234
  cp crashy.exe "$out/windows/odd/small-stamp.exe"
  lld-link-14 /nologo /nodefaultlib $stamp /driver /subsystem:native /entry:crashy_start \
    /align:32 /filealign:32 crashy.obj engine.lib /out:"$out/windows/odd/tiny.sys"
  for size in 8192 16384; do
    windows_link $stamp /pdbpagesize:$size
    cp crashy.pdb "$out/windows/pages/crashy-$size.pdb"
  done
  # Raw material for craft.py.
  printf 'SRCSRV: ini ------\r\nVERSION=1\r\nSRCSRV: end ------\r\n' >srcsrv.txt
  windows_link $stamp /pdbstream:srcsrv=srcsrv.txt
  cp crashy.pdb source-indexed.pdb
  lld-link-14 /nologo /nodefaultlib /debug $stamp '/pdbsourcepath:c:\src' \
    /entry:crashy_start /subsystem:console crashy.obj engine.lib \
    /out:eleventh.exe /pdb:eleventh.pdb /pdbaltpath:eleventh.pdb
  # A public PDB: linked from objects without debug info. craft.py gives it the identity.
  for c in engine crashy; do
    clang-14 --target=x86_64-pc-windows-msvc -O1 -ffreestanding -DFREESTANDING -c $c.c -o $c.obj
  done
  windows_link $stamp
  cp crashy.pdb public.pdb
}

# GNU ld writes a CodeView record without a name for --build-id.
windows_mingw() {
  gcc=x86_64-w64-mingw32-gcc
  flags='-g -O1 -nostdlib -Wl,--entry=hello -Wl,--subsystem,console'
  $gcc $flags -fdebug-prefix-map="$work"=. hello.c -o "$out/windows/mingw/hello.exe"
  $gcc $flags -fdebug-prefix-map="$work"=. hello.c -Wl,--build-id \
    -o "$out/windows/mingw/hello-build-id.exe"
  mkdir -p "$out/windows/mingw/stripped"
  x86_64-w64-mingw32-objcopy --only-keep-debug "$out/windows/mingw/hello-build-id.exe" \
    "$out/windows/mingw/hello-build-id.debug"
  x86_64-w64-mingw32-strip "$out/windows/mingw/hello-build-id.exe" \
    -o "$out/windows/mingw/stripped/hello-build-id.exe"
  (cd "$out/windows/mingw" && x86_64-w64-mingw32-objcopy --add-gnu-debuglink=hello-build-id.debug \
    stripped/hello-build-id.exe stripped/hello-debuglink.exe)
  $gcc $flags -fdebug-prefix-map="$work"=. hello.c -Wl,--no-insert-timestamp \
    -o "$out/windows/mingw/zero-stamp.exe"
  i686-w64-mingw32-gcc -g -O1 -nostdlib -Wl,--entry=_hello -fdebug-prefix-map="$work"=. \
    hello.c -Wl,--build-id -o "$out/windows/mingw/hello32.exe"
}

# SymSrv's compressed files: a cabinet with one member, the last letter of its name cut.
windows_compressed() {
  mkdir -p "$out/windows/compressed"
  cp "$out/windows/engine.dll" "$out/windows/engine.pdb" .
  touch -d @$SOURCE_DATE_EPOCH engine.dll engine.pdb
  gcab -c -z "$out/windows/compressed/engine.dl_" engine.dll
  gcab -c -z "$out/windows/compressed/engine.pd_" engine.pdb
}

# ------------------------------------------------------------------ Linux --

linux_app() {
  flags="-g -O1 -ffreestanding -fPIC -fdebug-prefix-map=$work=. -fno-asynchronous-unwind-tables"
  gcc $flags -funwind-tables -shared -nostdlib -Wl,-soname,libengine.so.1 \
    -Wl,--build-id=sha1 engine.c -o libengine.so.1
  gcc -g -O1 -fdebug-prefix-map="$work"=. -DFREESTANDING -nostdlib -Wl,--entry=crashy_start \
    -Wl,--build-id=sha1 crashy.c libengine.so.1 -o crashy
  mkdir -p "$out/linux/stripped"
  for f in crashy libengine.so.1; do
    objcopy --only-keep-debug $f $f.debug
    objcopy --strip-all --add-gnu-debuglink=$f.debug $f "$out/linux/stripped/$f"
  done
  cp crashy libengine.so.1 libengine.so.1.debug crashy.debug "$out/linux"
  mkdir "$out/linux/dwz"
  (mkdir dwz && cd dwz && cp ../crashy ../libengine.so.1 . && # it takes no fewer than two
    dwz -m engine.debug -M /usr/lib/debug/.dwz/engine.debug crashy libengine.so.1 &&
    cp crashy engine.debug "$out/linux/dwz" && cp ../crashy ../libengine.so.1 . &&
    dwz --dwarf-5 -m engine-dwarf5.debug crashy libengine.so.1 && cp engine-dwarf5.debug "$out/linux/dwz" &&
    cp crashy "$out/linux/dwz/crashy-dwarf5")
  objcopy --compress-debug-sections=zlib libengine.so.1 "$out/linux/libengine-compressed.so"
  objcopy --compress-debug-sections=zlib-gnu libengine.so.1 "$out/linux/libengine-zdebug.so"
}

# linux_lib NAME TRIPLE LINKER-OPTION...
linux_lib() {
  name=$1 triple=$2
  shift 2
  clang-14 --target="$triple" $freestanding -fPIC -fdebug-compilation-dir=. -c engine.c -o engine.o
  ld.lld-14 -shared "$@" engine.o -o "$out/linux/$name"
}

linux_ids() {
  x64=x86_64-linux-gnu
  linux_lib id-md5.so $x64 --build-id=md5
  linux_lib id-uuid.so $x64 --build-id=0x00112233445566778899aabbccddeeff
  linux_lib id-fast.so $x64 --build-id=fast
  linux_lib id-hex.so $x64 --build-id=0xc0ffee01
  linux_lib id-3-bytes.so $x64 --build-id=0xc0ffee # lld leaves the padding out
  linux_lib id-long.so $x64 \
    --build-id=0x000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f
  linux_lib no-id.so $x64 --build-id=none
  clang-14 --target=$x64 $freestanding -fPIC -fdebug-compilation-dir=. -c engine.c
  ld -r --build-id=0x000102030405060708090a0b0c0d0e0f engine.o -o part.o
  ld.gold -shared --build-id=sha1 part.o -o "$out/linux/two-ids.so" # ld and lld leave the object's away
  linux_lib soname.so $x64 --build-id=sha1 -soname libother.so.2
  echo 'const int table[4] = {1, 2, 3, 4};' >data.c # lld leaves an empty .text
  clang-14 --target=$x64 -fPIC -c data.c
  ld.lld-14 -shared --build-id=sha1 data.o -o "$out/linux/data-only.so"
  clang-14 --target=$x64 $freestanding -gdwarf-4 -gsplit-dwarf -fPIC -fdebug-compilation-dir=. -c engine.c
  ld.lld-14 -shared --build-id=sha1 engine.o -o "$out/linux/split-dwarf.so"
  mv .engine.dwo "$out/linux/split-dwarf.dwo" # the folder "." is taken for a part of the name
  llvm-dwp-14 "$out/linux/split-dwarf.dwo" -o "$out/linux/split-dwarf.dwp"
  units=
  for i in 1 2 3 4 5 6 7 8; do # of few, packing makes nothing smaller, and is not done
    echo "int f$i(void) { return $i; }" >f$i.c
    clang-14 --target=$x64 $freestanding -gdwarf-4 -gsplit-dwarf -fPIC -fdebug-compilation-dir=. -c f$i.c
    units="$units f$i.o"
  done
  ld.lld-14 -shared --build-id=sha1 $units -o units.so
  for how in zlib zstd; do
    objcopy --compress-debug-sections=$how units.so "$out/linux/split-dwarf-$how.so"
  done
  llvm-objcopy-14 --strip-sections "$out/linux/id-md5.so" "$out/linux/no-sections.so"
  llvm-objcopy-14 --rename-section .note.gnu.build-id=.note.renamed "$out/linux/id-md5.so" \
    "$out/linux/renamed-note.so"
  llvm-objcopy-14 --only-keep-debug "$out/linux/no-id.so" "$out/linux/no-id.so.debug"
  # Consoles keep their identifier in a section of their own.
  printf '\001\002\003\004\005\006\007\010\011\012\013\014\015\016\017\020\021\022\023\024rest' >sce
  llvm-objcopy-14 --add-section .sce_special=sce "$out/linux/no-id.so" "$out/linux/console.elf"
}

linux_archs() {
  linux_lib libengine-i386.so i686-linux-gnu --build-id=sha1
  linux_lib libengine-arm64.so aarch64-linux-android --build-id=sha1 -z max-page-size=16384
  linux_lib libengine-ppc32be.so powerpc-linux-gnu --build-id=sha1
  linux_lib libengine-mips32be.so mips-linux-gnu --build-id=sha1
  linux_lib libengine-mips64be.so mips64-linux-gnu --build-id=sha1
  linux_lib libengine-riscv64.so riscv64-linux-gnu --build-id=sha1
  linux_lib libengine-ppc64be-no-id.so powerpc64-linux-gnu --build-id=none
  for row in arm-linux-gnueabihf:libengine-armhf.so powerpc64-linux-gnu:libengine-ppc64be.so; do
    "${row%:*}-gcc" -g -O1 -fPIC -ffreestanding -nostdlib -shared -fdebug-prefix-map="$work"=. \
      -Wl,--build-id=sha1 engine.c -o "$out/linux/${row#*:}"
  done
  gcc -g -O1 -fdebug-prefix-map="$work"=. -c hello.c -o "$out/linux/hello.o"
}

# ------------------------------------------------------------------ Apple --

# apple_lib ARCH [LINKER-OPTION...]: libengine.dylib with its dSYM
apple_lib() {
  arch=$1
  shift
  clang-14 --target="$arch-apple-macos11" $freestanding -fdebug-compilation-dir=. \
    -c engine.c -o engine.o
  touch -d @$SOURCE_DATE_EPOCH engine.o # the linker notes the time, and hashes it into the UUID
  ld64.lld-14 -arch "$arch" -platform_version macos 11.0 11.0 -dylib -oso_prefix "$work/" \
    -install_name @rpath/libengine.dylib "$@" engine.o -o libengine.dylib
  rm -rf libengine.dylib.dSYM
  dsymutil-14 -oso-prepend-path="$work" libengine.dylib -o libengine.dylib.dSYM
}

apple() {
  dwarf=libengine.dylib.dSYM/Contents/Resources/DWARF
  for arch in x86_64 arm64; do
    apple_lib $arch
    cp libengine.dylib "libengine-$arch.dylib"
    cp $dwarf/libengine.dylib "dwarf-$arch"
  done
  cp libengine-x86_64.dylib libengine-arm64.dylib "$out/macos"
  llvm-lipo-14 -create libengine-x86_64.dylib libengine-arm64.dylib \
    -output "$out/macos/libengine.dylib"
  mkdir -p "$out/macos/$dwarf"
  llvm-lipo-14 -create dwarf-x86_64 dwarf-arm64 -output "$out/macos/$dwarf/libengine.dylib"
  cp libengine.dylib.dSYM/Contents/Info.plist "$out/macos/libengine.dylib.dSYM/Contents"
  echo 'left behind by some other tool' >"$out/macos/$dwarf/notes.txt"
  clang-14 --target=x86_64-apple-macos11 $freestanding -fdebug-compilation-dir=. \
    -c engine.c -o "$out/macos/object-no-uuid.o"
}

# ------------------------------------------------------------------ other --

# lld 14 writes no build_id; the two spellings that are in use are added to a real module.
wasm() {
  clang-14 --target=wasm32 $freestanding -fdebug-compilation-dir=. -c engine.c -o engine.o
  wasm-ld-14 --no-entry --export-all engine.o -o "$out/other/no-id.wasm"
  printf '\020\001\043\105\147\211\253\315\357\001\043\105\147\211\253\315\357' >length-and-id
  tail -c 16 length-and-id >id
  llvm-objcopy-14 --add-section build_id=length-and-id "$out/other/no-id.wasm" \
    "$out/other/engine.wasm"
  llvm-objcopy-14 --add-section build_id=id "$out/other/no-id.wasm" "$out/other/raw-id.wasm"
}

windows_apps
windows_odd
windows_mingw
windows_compressed
linux_app
linux_ids
linux_archs
apple
wasm
python3 "$here/craft.py" "$out" "$work"
python3 "$here/damage.py" "$out"
find "$out" -type f -exec chmod 644 {} +
du -sh "$out"
