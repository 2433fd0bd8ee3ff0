# Debian packages for our scripts. The caller has say and die.

# apt_missing PACKAGE...: those that are not installed
apt_missing() {
    local package
    for package; do
        case $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) in
        installed) ;;
        *) echo "$package" ;;
        esac
    done
}

# apt_have PACKAGE...: install what is missing; without the right to do so, say the command and fail.
apt_have() {
    local missing install log
    command -v dpkg-query >/dev/null || die "this is made for Debian 12 (no dpkg here); it needs: $*"
    mapfile -t missing < <(apt_missing "$@")
    [ ${#missing[@]} -gt 0 ] || return 0
    install="apt-get install -y --no-install-recommends ${missing[*]}"
    if [ "$(id -u)" != 0 ] || [ "${PICKET_INSTALL:-}" = 0 ]; then
        die "needs ${missing[*]}. As root:  apt-get update && $install"
    fi
    say "installing ${missing[*]}"
    log=$(mktemp)
    # an index that is missing or stale is the usual reason to fail
    # shellcheck disable=SC2086     # a list of packages
    if ! { apt_quiet $install || { apt_quiet apt-get update && apt_quiet $install; }; } >"$log" 2>&1; then
        tail -n 20 "$log" >&2
        die "could not install ${missing[*]} ($log)"
    fi
    rm -f "$log"
}

apt_quiet() {
    DEBIAN_FRONTEND=noninteractive "$@" -q -o DPkg::Lock::Timeout=600 </dev/null
}
