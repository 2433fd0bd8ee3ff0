# Sources of packaging/deps. They come through an apt of our own (its own root, the machine's is neither
# read nor changed), so the chain is apt's: signed InRelease -> Sources -> SHA-256 of each file.

keyring=/usr/share/keyrings/debian-archive-keyring.gpg

source_dir() { echo "$cache/sources/$1-$(lock_series "$1")"; }

sources_present() {
    local package
    [ -z "${DEPS_SOURCE_DIR:-}" ] || return 0
    for package in "${packages[@]}"; do
        [ -d "$(source_dir "$package")" ] || return 1
    done
}

# What exactly would be built, for the key: Debian names carry the revision, brought files their hash.
source_ids() {
    local package
    for package in "${packages[@]}"; do
        if [ -n "${DEPS_SOURCE_DIR:-}" ]; then
            sha256sum <"$(brought "$package")"
        else
            basename "$(source_dir "$package")"/*.dsc
        fi
    done
}

# Before anything else and not inside $( ), where a failure would only end the inner shell.
check_brought() {
    local package
    for package in "${packages[@]}"; do
        brought "$package" >/dev/null
    done
}

# brought PACKAGE: its .dsc or tarball in DEPS_SOURCE_DIR, of the locked series
brought() {
    local package=$1 upstream=$1 dir=$DEPS_SOURCE_DIR file=
    case $package in
    libuv1)  upstream=libuv ;;
    cjson)   upstream='c[jJ][sS][oO][nN]' ;;
    sqlite3) upstream=sqlite-autoconf ;;
    esac
    # shellcheck disable=SC2086     # the pattern in $upstream is meant
    file=$(ls -1 "$dir"/${package}_*.dsc "$dir"/$upstream-*.tar.* 2>/dev/null | head -n 1) || true
    [ -n "$file" ] || die "DEPS_SOURCE_DIR has no $package (looked for ${package}_*.dsc and $upstream-*.tar.*)"
    check_series "$package" "$(version_of "$file")"
    echo "$file"
}

# version_of FILE: curl_8.14.1-2.dsc, libuv-v1.50.0.tar.gz, sqlite-autoconf-3460100.tar.gz -> 8.14.1, 1.50.0, 3.46.1
version_of() {
    local name=${1##*/}
    case $name in
    *.dsc)             name=${name%.dsc} name=${name#*_} name=${name%-*} ;;
    sqlite-autoconf-*) name=${name##*-} name=${name%%.*}
                       name=${name:0:1}.$((10#${name:1:2})).$((10#${name:3:2})) ;;
    *)                 name=${name%.tar.*} name=${name##*-} name=${name#v} ;;
    esac
    echo "$name"
}

mirror() {
    local uri=${DEPS_MIRROR:-}
    if [ -z "$uri" ] && command -v apt-get >/dev/null; then
        # shellcheck disable=SC2016     # apt's placeholder, not ours
        uri=$(apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' | sort -u | grep -v security | head -n 1) || true
    fi
    [ -n "$uri" ] || die "no Debian mirror known here (run apt-get update, or set DEPS_MIRROR or DEPS_SOURCE_DIR)"
    echo "$uri"
}

# The security suite is left out on purpose: mirrors list sources there that they do not carry, and apt
# would then insist on them. Fixes reach these suites with the next point release.
private_apt() {
    local root=$1 types=$2 suite=$3
    mkdir -p "$root"/{sources,preferences,trusted,lists/partial,cache/archives/partial}
    : >"$root/status"
    printf 'Types: %s\nURIs: %s\nSuites: %s %s-updates\nComponents: main\nSigned-By: %s\n' \
        "$types" "$(mirror)" "$suite" "$suite" "$keyring" >"$root/sources/debian.sources"
    cat >"$root/apt.conf" <<END
Dir::Etc::sourcelist "/dev/null";       Dir::Etc::sourceparts "$root/sources";
Dir::Etc::trusted "/dev/null";          Dir::Etc::trustedparts "$root/trusted";
Dir::Etc::preferences "/dev/null";      Dir::Etc::preferencesparts "$root/preferences";
Dir::State::lists "$root/lists";        Dir::State::status "$root/status";
Dir::Cache "$root/cache";
APT::Get::AllowUnauthenticated "false"; Acquire::AllowInsecureRepositories "false";
APT::Update::Error-Mode "any";          Acquire::Retries "3";
Acquire::Languages "none";              APT::Sandbox::User "root";
END
}

fetch_sources() {
    local suite package root=$cache/apt log=$cache/logs/fetch.log
    suite=$(lock_series suite)
    say "sources: asking $suite"
    private_apt "$root" deb-src "$suite"
    (
        export APT_CONFIG=$root/apt.conf
        apt-get update >"$log" 2>&1 || { tail -n 20 "$log" >&2; die "apt-get update failed ($log)"; }
        for package in "${packages[@]}"; do
            fetch_one "$package" "$log"
        done
    )
}

# versions_of PACKAGE: what the suite lists, newest first; during a point release that is more than one
versions_of() {
    apt-cache showsrc --only-source "$1" | sed -n 's/^Version: *//p' | sort -uVr
}

# One package per command: a mirror that lacks one leaves the others whole. A version that the mirror lists and does not
# carry yet is said, and the one before it taken: both come from the signed index.
fetch_one() {
    local package=$1 log=$2 fresh=$cache/apt/fresh dir dsc version
    dir=$(source_dir "$package")
    for version in $(versions_of "$package"); do
        rm -rf "$fresh" && mkdir -p "$fresh"
        if (cd "$fresh" && apt-get source --download-only --only-source "$package=$version") >>"$log" 2>&1; then
            dsc=$(basename "$fresh"/*.dsc)
            check_series "$package" "$(version_of "$dsc")"
            say "sources: $(sed 's/_/ /; s/\.dsc$//' <<<"$dsc")"
            rm -rf "$dir"
            mv "$fresh" "$dir"
            return
        fi
        say "sources: $package $version is listed, but the mirror does not carry it"
    done
    tail -n 20 "$log" >&2
    die "could not fetch the source of $package ($log)"
}

# unpack PACKAGE DIR: the source tree, Debian's patches applied
unpack() {
    local file
    if [ -n "${DEPS_SOURCE_DIR:-}" ]; then
        file=$(brought "$1")
    else
        file=$(ls "$(source_dir "$1")"/*.dsc)
    fi
    case $file in
    # "cannot verify inline signature" here is about the uploader's own key: apt has checked the hashes
    *.dsc) dpkg-source --no-copy -x "$file" "$2" 2>&1 ;;
    *)     mkdir -p "$2" && tar -xf "$file" -C "$2" --strip-components=1 ;;
    esac
}
