# shellcheck shell=bash disable=SC2154,SC2034      # here, cache, flavour: of packaging/deps; cc: of build.sh
# What differs for flavour musl-arm64: the same libraries by the cross-compiler. A file of its own, so that a change here does not
# build the libraries of this machine again.

# Debian's musl for that processor, of the release that runs here: both programs then have the same C library. It is unpacked in
# the cache, from where arm64-cc takes it; what is installed on this machine stays as it is.
arm64_musl=$cache/musl-arm64

use_arm64() {
    use_flavour musl
    cc=$here/arm64-cc
    export CMAKE_TOOLCHAIN_FILE=$here/../cmake/toolchain-arm64.cmake
}

arm64_needed() {
    cat <<'END'
aarch64-linux-gnu-gcc                               gcc-aarch64-linux-gnu
/usr/aarch64-linux-gnu/include/asm/types.h          linux-libc-dev-arm64-cross
dpkg-deb                                            dpkg
/usr/share/keyrings/debian-archive-keyring.gpg      debian-archive-keyring
END
}

arm64_id() { cat "$here/deps.d/arm64.sh" "$here/arm64-cc" "$CMAKE_TOOLCHAIN_FILE"; }

arm64_present() { [ "$flavour" != musl-arm64 ] || [ -d "$arm64_musl" ]; }

fetch_arm64() {
    local root=$cache/apt-arm64 log=$cache/logs/fetch-arm64.log draft suite
    [ "$flavour" = musl-arm64 ] || return 0
    # shellcheck source=/dev/null
    suite=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
    say "musl for arm64: asking $suite"
    private_apt "$root" deb "$suite"
    echo 'APT::Architecture "arm64"; APT::Architectures "arm64";' >>"$root/apt.conf"
    draft=$(mktemp -d "$cache/.musl-arm64.XXXXXX")
    (
        export APT_CONFIG=$root/apt.conf
        cd "$draft"
        apt-get update && apt-get download musl-dev && dpkg-deb -x musl-dev_*.deb . && rm musl-dev_*.deb && arm64_ready
    ) >"$log" 2>&1 || { tail -n 20 "$log" >&2; rm -rf "$draft"; die "could not fetch musl-dev for arm64 ($log)"; }
    rm -rf "$arm64_musl"
    mv "$draft" "$arm64_musl"
}

# Debian's specs name its folders from the root of a machine that it is installed on. Of the kernel's headers only these three
# folders: their neighbours belong to glibc.
arm64_ready() {
    local folder
    sed "s,/usr/,$arm64_musl/usr/,g" usr/lib/aarch64-linux-musl/musl-gcc.specs >musl-gcc.specs
    mkdir kernel-headers
    for folder in linux asm asm-generic; do
        ln -s "/usr/aarch64-linux-gnu/include/$folder" kernel-headers/
    done
}
