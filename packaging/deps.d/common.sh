# Shared by packaging/deps: talking, failing, the lock file, what the machine must have.

say() { echo "deps: $*" >&2; }
die() { say "$*"; exit 1; }

lock_series() { awk -v p="$1" '$1 == p { print $2 }' "$lock_file"; }    # mbedtls -> 3.6

# check_series PACKAGE UPSTREAM_VERSION
check_series() {
    local series
    series=$(lock_series "$1")
    case $2 in
    "$series" | "$series".*) ;;
    *) die "$1 is $2 here, but packaging/deps.lock asks for series $series. Review the change, then edit the lock." ;;
    esac
}

# command (or file) -> Debian package that brings it
needed() {
    cat <<'END'
gcc                         gcc
/usr/include/stdio.h        libc6-dev
make                        make
cmake                       cmake
ninja                       ninja-build
tar                         tar
xz                          xz-utils
bzip2                       bzip2
END
    # sqlite's source tree generates its one-file form with Tcl; a ready one from DEPS_SOURCE_DIR needs none
    [ -n "${DEPS_SOURCE_DIR:-}" ] || cat <<'END'
tclsh                       tcl
dpkg-source                 dpkg-dev
patch                       patch
/usr/share/keyrings/debian-archive-keyring.gpg      debian-archive-keyring
END
    case $flavour in
    musl)       echo "musl-gcc musl-tools" ;;
    musl-arm64) arm64_needed ;;
    windows)    windows_needed ;;
    esac
}

need_packages() {
    local what package missing=()
    while read -r what package; do
        case $what in
        /*) [ -e "$what" ] || missing+=("$package") ;;
        *)  command -v "$what" >/dev/null || missing+=("$package") ;;
        esac
    done < <(needed)
    [ ${#missing[@]} -gt 0 ] || return 0

    local install="apt-get install -y --no-install-recommends ${missing[*]}"
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        die "needs ${missing[*]}. As root:  $install"
    fi
    say "$install"
    { $install || { apt-get update && $install; }; } >"$cache/logs/apt.log" 2>&1 ||
        { tail -n 20 "$cache/logs/apt.log" >&2; die "could not install ${missing[*]}"; }
}
