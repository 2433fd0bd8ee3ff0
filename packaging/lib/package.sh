# shellcheck shell=bash disable=SC2154     # top: of the caller
# What the packages have in common. The caller has say, die and usage, and top, the folder of the tree.

# shellcheck source=packaging/lib/apt.sh
. "$top/packaging/lib/apt.sh"

# build_release ARCH LOG: sets build, the folder of the release; ARCH empty for this machine's
build_release() {
    local ours log=$2 preset=release
    ours=$(dpkg --print-architecture)
    case ${1:-$ours} in
    "$ours") apt_have gcc libc6-dev cmake ninja-build musl-tools ;;
    arm64)   preset=release-arm64
             apt_have gcc libc6-dev cmake ninja-build gcc-aarch64-linux-gnu linux-libc-dev-arm64-cross qemu-user ;;
    *)       die "no release for $1 can be built on $ours" ;;
    esac
    say "building the preset $preset"
    (cd "$top" && cmake --preset $preset >"$log" && cmake --build --preset $preset >>"$log") ||
        { tail -n 30 "$log" >&2; die "the release did not build ($log)"; }
    build=$top/build/$preset
}

# begin NAME WORD...: the options that each of the scripts has, and a release if none was given. Sets build, version, out, cpu and
# maintainer; NAME is the log's.
begin() {
    local name=$1 arch=''
    shift
    version='' build='' out=$top/build
    while [ $# -gt 0 ]; do
        case $1 in
        -h | --help) usage; exit ;;
        --arch)    arch=${2:?}; shift ;;
        --version) version=${2:?}; shift ;;
        --build)   build=${2:?}; shift ;;
        --out)     out=${2:?}; shift ;;
        *)         usage >&2; exit 2 ;;
        esac
        shift
    done
    mkdir -p "$out"
    [ -n "$build" ] || build_release "$arch" "$out/$name.log"
    [ -n "$version" ] || version=$(sed -n 's/^CMAKE_PROJECT_VERSION:STATIC=//p' "$build/CMakeCache.txt")
    cpu=$(kernel_name_of "$build/picket")
    maintainer="${DEBFULLNAME:-Picket maintainers} <${DEBEMAIL:-maintainers@picket.invalid}>"
    SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(last_change)}
    export SOURCE_DATE_EPOCH
}

# done_with FILE: what was made
done_with() {
    say "$(($(stat -c %s "$1") / 1024)) kB"
    echo "$1"
}

# kernel_name_of PROGRAM: its processor, by what is in it, so that a package never says anything else
kernel_name_of() {
    case $(od -An -tx2 -j18 -N2 "$1" | tr -d ' ') in
    003e) echo x86_64 ;;
    00b7) echo aarch64 ;;
    *)    die "$1 is for a processor that there is no package for" ;;
    esac
}

# The time that everything in a package bears: of the last commit; without git, of the last release.
last_change() {
    git -C "$top" log -1 --format=%ct 2>/dev/null ||
        date -u -d "$(sed -n 's/^## .*(\(.*\))$/\1/p' "$top/CHANGELOG.md" | head -n 1)" +%s
}

# install_into ROOT LOG: what `cmake --install` puts in its places
install_into() {
    DESTDIR=$1 cmake --install "$build" --prefix /usr >"$2" || die "cmake --install failed ($2)"
}

# run_picket WORD...: the program that was installed into root, under an emulator if it is for another processor
run_picket() {
    local emulator
    emulator=$(sed -n 's/^QEMU_AARCH64:FILEPATH=//p' "$build/CMakeCache.txt")
    # shellcheck disable=SC2086     # none, or one path
    $emulator "$root/usr/bin/picket" "$@"
}

examples_into() {
    mkdir -p "$1"
    run_picket config example >"$1/picket.json"
    run_picket config schema >"$1/picket.schema.json"
}

# notices WHERE: the licences of what is linked in; WHERE the text of Apache-2.0 is to be found
notices() {
    local flavour=musl
    ! grep -q toolchain-arm64 "$build/CMakeCache.txt" || flavour=musl-arm64
    cat <<END
Picket: Copyright its authors. Licensed under the Apache License, Version 2.0,
whose text is in $1.

The program is linked with the libraries below. Their notices:
END
    "$top/packaging/deps" --licences $flavour | sed "s,/usr/share/common-licenses/Apache-2.0,$1,"
}
