# How packaging/deps builds each library: static, minimal, sections for --gc-sections.

use_flavour() {
    libc=$1
    common_flags="-ffunction-sections -fdata-sections -fPIC -fstack-protector-strong"
    case $libc in
    glibc) cc=${DEPS_CC:-gcc}; common_flags+=" -D_FORTIFY_SOURCE=2" ;;
    # no tables for unwinding in the shipped program: nothing throws, and a debugger has its own in picket.debug
    musl)  cc=$here/musl-cc; common_flags+=" -fno-asynchronous-unwind-tables -fno-unwind-tables" ;;
    esac
}

compiler_id() {
    "$cc" -dumpfullversion -dumpmachine 2>/dev/null || true
    [ "$libc" != musl ] || sha256sum <"$("$cc" -print-file-name=libc.a)"
}

# build_all FLAVOUR PREFIX: everything in a folder of its own; the prefix appears whole or not at all.
build_all() {
    local flavour=$1 prefix=$2 began=$SECONDS package n=1 total=${#packages[@]} sqlite_job
    work=$(mktemp -d "$cache/deps/.build-$flavour.XXXXXX")
    staged=$work/root$prefix
    no_paths=-ffile-prefix-map=$work/=      # or asserts would say where it was built, and each build differ
    logs=$cache/logs/$(basename "$prefix")
    mkdir -p "$staged" "$logs"
    set -m                      # each job its own process group, to be ended whole
    trap clean_up EXIT
    trap 'exit 130' INT TERM
    say "building for $flavour, $jobs at a time; logs in $logs"

    # sqlite is one big compilation: alone on one core while the others keep the rest busy
    start "1/$total" sqlite3
    sqlite_job=$job
    for package in "${packages[@]}"; do
        [ "$package" != sqlite3 ] || continue
        n=$((n + 1))
        start "$n/$total" "$package"
        finish "$job" "$package"
    done
    finish "$sqlite_job" sqlite3

    for package in "${packages[@]}"; do
        echo "$package $(package_version "$package")"
    done >"$staged/versions"
    mv "$staged" "$prefix"
    say "done in $((SECONDS - began)) s: $prefix"
}

clean_up() {
    local group
    for group in $(jobs -p); do
        kill -- "-$group" || true
    done 2>/dev/null
    wait 2>/dev/null || true    # also keeps bash from announcing their end
    rm -rf "$work"
}

# start N/TOTAL PACKAGE: sets job. In the background also because bash ignores set -e inside a condition.
start() {
    local package=$2 label
    label="[$1] $package $(package_version "$package")"
    say "$label ..."
    {
        began=$SECONDS
        { unpack "$package" "$work/$package"; "build_$package" "$work/$package"; } >"$logs/$package.log" 2>&1
        say "$label: $((SECONDS - began)) s"
    } </dev/null 9>&- &
    job=$!
}

# finish JOB PACKAGE
finish() {
    wait "$1" || {
        tail -n 30 "$logs/$2.log" >&2
        die "building $2 failed, see $logs/$2.log"
    }
}

package_version() {
    local file
    if [ -n "${DEPS_SOURCE_DIR:-}" ]; then
        version_of "$(brought "$1")"
    else
        file=$(basename "$(source_dir "$1")"/*.dsc .dsc)
        echo "${file#*_}"
    fi
}

# with_cmake SOURCE OPTIMISATION OPTION...
# DESTDIR, not a temporary prefix: what gets installed names the place where it will be found.
with_cmake() {
    local source=$1 optimise=$2
    shift 2
    cmake -S "$source" -B "$source/build" -G Ninja \
        -DCMAKE_C_COMPILER="$cc" -DCMAKE_C_FLAGS="$optimise $common_flags $no_paths" -DCMAKE_BUILD_TYPE=None \
        -DBUILD_SHARED_LIBS=OFF -DCMAKE_INSTALL_LIBDIR=lib -DCMAKE_INSTALL_PREFIX="$prefix" "$@"
    cmake --build "$source/build" -j "$jobs"
    DESTDIR=$work/root cmake --install "$source/build"
}

# The arithmetic is where speed is felt (a mutual handshake costs half as much with -O2); the rest is small.
mbedtls_fast=(aes.c aesni.c bignum.c bignum_core.c bignum_mod.c bignum_mod_raw.c constant_time.c ecdh.c ecdsa.c ecp.c
    ecp_curves.c ecp_curves_new.c gcm.c chacha20.c poly1305.c rsa.c sha256.c sha512.c)

build_mbedtls() {
    echo "set_source_files_properties(${mbedtls_fast[*]} PROPERTIES COMPILE_OPTIONS -O2)" >>"$1/library/CMakeLists.txt"
    cat "$here/mbedtls_config.append.h" >>"$1/include/mbedtls/mbedtls_config.h"
    # GEN_FILES: a release carries its generated files; making them again would need Python and Perl
    with_cmake "$1" -Os -DENABLE_PROGRAMS=OFF -DENABLE_TESTING=OFF -DGEN_FILES=OFF
}

build_libuv1() {
    with_cmake "$1" -Os -DLIBUV_BUILD_TESTS=OFF -DLIBUV_BUILD_BENCH=OFF -DLIBUV_BUILD_SHARED=OFF
}

build_cjson() {
    with_cmake "$1" -Os -DENABLE_CJSON_TEST=OFF -DENABLE_CUSTOM_COMPILER_FLAGS=OFF -DENABLE_CJSON_UTILS=OFF
}

# What the outbox and the databases of package managers never use (rpm's have AUTOINCREMENT and foreign keys). The parser is
# generated without it, so the one file that is compiled must be too; one that was brought (DEPS_SOURCE_DIR) keeps what its
# parser has.
sqlite_left_out=(
    -DSQLITE_OMIT_VIRTUALTABLE              # and with it ALTER TABLE: a migration makes new tables
    -DSQLITE_OMIT_TRIGGER -DSQLITE_OMIT_VIEW -DSQLITE_OMIT_WINDOWFUNC -DSQLITE_OMIT_CTE
    -DSQLITE_OMIT_GENERATED_COLUMNS -DSQLITE_OMIT_UPSERT -DSQLITE_OMIT_RETURNING
    -DSQLITE_OMIT_ANALYZE -DSQLITE_OMIT_REINDEX -DSQLITE_OMIT_EXPLAIN -DSQLITE_OMIT_INTROSPECTION_PRAGMAS
    -DSQLITE_OMIT_AUTHORIZATION -DSQLITE_OMIT_INCRBLOB -DSQLITE_OMIT_DESERIALIZE -DSQLITE_OMIT_XFER_OPT
    -DSQLITE_OMIT_UTF16 -DSQLITE_OMIT_HEX_INTEGER -DSQLITE_OMIT_CASE_SENSITIVE_LIKE_PRAGMA
)

sqlite_options=(
    -DSQLITE_DQS=0                          # "x" is a name, never a string by mistake
    -DSQLITE_THREADSAFE=1
    -DSQLITE_DEFAULT_MEMSTATUS=0
    -DSQLITE_DEFAULT_WAL_SYNCHRONOUS=1      # WAL survives a crash; a power cut may cost the last commit
    -DSQLITE_LIKE_DOESNT_MATCH_BLOBS
    -DSQLITE_MAX_EXPR_DEPTH=0
    -DSQLITE_OMIT_DEPRECATED -DSQLITE_OMIT_SHARED_CACHE -DSQLITE_OMIT_LOAD_EXTENSION
    -DSQLITE_OMIT_PROGRESS_CALLBACK -DSQLITE_OMIT_JSON -DSQLITE_OMIT_DATETIME_FUNCS -DSQLITE_OMIT_TRACE
    -DSQLITE_OMIT_COMPLETE -DSQLITE_OMIT_GET_TABLE -DSQLITE_OMIT_TCL_VARIABLE -DSQLITE_OMIT_DECLTYPE
    -DSQLITE_USE_ALLOCA
    -DHAVE_FDATASYNC=1 -DHAVE_LOCALTIME_R=1 # what its configure would have found
)

build_sqlite3() {
    local tree=$1 left_out=()
    if [ ! -e "$tree/sqlite3.c" ]; then
        mkdir "$tree/one-file"
        (cd "$tree/one-file" && CC=gcc ../configure --disable-tcl --disable-readline &&
            make sqlite3.c OPTS="${sqlite_left_out[*]}")
        left_out=("${sqlite_left_out[@]}")
        tree=$tree/one-file
    fi
    # shellcheck disable=SC2086     # a list of flags
    "$cc" -Os $common_flags "$no_paths" "${sqlite_options[@]}" ${left_out[@]+"${left_out[@]}"} -c "$tree/sqlite3.c" -o "$tree/sqlite3.o"
    mkdir -p "$staged/lib" "$staged/include"
    ar rcs "$staged/lib/libsqlite3.a" "$tree/sqlite3.o"
    cp "$tree/sqlite3.h" "$staged/include/"
}

curl_options=(
    -DHTTP_ONLY=ON -DENABLE_UNIX_SOCKETS=ON
    -DENABLE_THREADED_RESOLVER=ON           # getaddrinfo must not stop the loop
    -DCURL_USE_MBEDTLS=ON -DCURL_USE_OPENSSL=OFF
    -DCURL_CA_BUNDLE=/etc/ssl/certs/ca-certificates.crt
    -DCURL_CA_PATH=none                     # or every certificate is parsed twice per connection
    -DBUILD_STATIC_LIBS=ON -DBUILD_CURL_EXE=OFF -DBUILD_TESTING=OFF -DBUILD_EXAMPLES=OFF
    -DBUILD_LIBCURL_DOCS=OFF -DBUILD_MISC_DOCS=OFF -DENABLE_CURL_MANUAL=OFF
    -DUSE_NGHTTP2=OFF -DUSE_LIBIDN2=OFF
    -DCURL_ZLIB=OFF -DCURL_BROTLI=OFF -DCURL_ZSTD=OFF
    -DCURL_USE_LIBPSL=OFF -DCURL_USE_LIBSSH2=OFF -DCURL_USE_PKGCONFIG=OFF
    -DCURL_DISABLE_ALTSVC=ON -DCURL_DISABLE_AWS=ON -DCURL_DISABLE_COOKIES=ON -DCURL_DISABLE_DOH=ON
    -DCURL_DISABLE_FORM_API=ON -DCURL_DISABLE_GETOPTIONS=ON -DCURL_DISABLE_HSTS=ON
    -DCURL_DISABLE_NETRC=ON -DCURL_DISABLE_NTLM=ON -DCURL_DISABLE_SRP=ON
    -DCURL_DISABLE_MIME=ON -DCURL_DISABLE_PROGRESS_METER=ON -DCURL_DISABLE_WEBSOCKETS=ON
)

build_curl() {
    # the four paths are given, not searched: a toolchain file's find root would hide them
    with_cmake "$1" -Os "${curl_options[@]}" -DMBEDTLS_INCLUDE_DIR="$staged/include" \
        -DMBEDTLS_LIBRARY="$staged/lib/libmbedtls.a" -DMBEDX509_LIBRARY="$staged/lib/libmbedx509.a" \
        -DMBEDCRYPTO_LIBRARY="$staged/lib/libmbedcrypto.a"
}
