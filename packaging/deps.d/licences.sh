# What the licences of the libraries ask for: their notices go wherever a program goes that they are linked into.

# package -> the files in its source that carry the notice
licence_files() {
    case $1 in
    curl)    echo COPYING ;;
    libuv1)  echo LICENSE LICENSE-extra ;;
    cjson)   echo LICENSE ;;
    sqlite3) echo LICENSE.md ;;
    esac
}

licence_title() {
    case $1 in
    curl)    echo "libcurl: the curl licence" ;;
    mbedtls) echo "Mbed TLS: Apache-2.0 or GPL-2.0-or-later, here used under Apache-2.0" ;;
    libuv1)  echo "libuv: MIT" ;;
    cjson)   echo "cJSON: MIT" ;;
    sqlite3) echo "SQLite: in the public domain" ;;
    esac
}

source_archive() {
    if [ -n "${DEPS_SOURCE_DIR:-}" ] && [[ $(brought "$1") != *.dsc ]]; then
        brought "$1"
    else
        ls "${DEPS_SOURCE_DIR:-$(source_dir "$1")}/$1"_*.orig.tar.*[!c] | head -n 1     # not the signature, *.asc
    fi
}

# Files of one package, by their place below the source's top folder, one after the other.
from_source() {
    local archive
    archive=$(source_archive "$1")
    shift
    tar -xOf "$archive" --wildcards --no-wildcards-match-slash "${@/#/*/}"
}

print_notice() {
    local files
    printf '\n== %s ==\n\n' "$(licence_title "$1")"
    read -ra files <<<"$(licence_files "$1")"
    if [ "$1" = mbedtls ]; then     # its LICENSE is the whole text of both; what is ours to say is whose it is
        from_source mbedtls library/ssl_tls.c | awk '/Copyright/ && !said++ { sub(/^[ *]*/, ""); print }'
        echo "The text of the licence: /usr/share/common-licenses/Apache-2.0"
    else
        from_source "$1" "${files[@]}"
    fi
}

# One text for all processors; the machine has it of its own musl, or the cache of the other's.
musl_notice() {
    case $flavour in
    musl)       echo /usr/share/doc/musl-dev/copyright ;;
    musl-arm64) echo "$arm64_musl/usr/share/doc/musl-dev/copyright" ;;
    esac
}

print_licences() {
    local package
    sources_present || { need_packages && fetch_sources; }
    arm64_present || { need_packages && fetch_arm64; }
    for package in "${packages[@]}"; do
        print_notice "$package"
    done
    [ "$libc" != musl ] || { printf '\n== musl: MIT ==\n\n'; cat "$(musl_notice)"; }
}
