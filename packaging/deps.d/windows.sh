# shellcheck shell=bash disable=SC2154      # here, cc, libc, common_flags, the lists of options: of build.sh
# What differs for flavour windows: 64-bit Windows 10 and newer, by mingw-w64's gcc. A file of its own, so that a change here does not
# build the libraries for Linux again.

use_windows() {
    cc=x86_64-w64-mingw32-gcc
    # no -fdata-sections: with mingw's gcc it writes zeroes into the file (libuv alone has 2.6 MB of them)
    common_flags="-ffunction-sections -fstack-protector-strong -D_WIN32_WINNT=0x0A00"
    export CMAKE_TOOLCHAIN_FILE=$here/../cmake/toolchain-mingw.cmake
    # shellcheck disable=SC2206     # words without blanks; what a Unix has and Windows has not goes away whole
    sqlite_options=(${sqlite_options[@]/-DHAVE_*})
    curl_options+=(
        -DCURL_TARGET_WINDOWS_VERSION=0x0A00 -DENABLE_UNICODE=ON
        -DCURL_WINDOWS_SSPI=ON -DCURL_DISABLE_NTLM=OFF      # Negotiate and NTLM towards proxies, as the system's own user
        -DCURL_CA_BUNDLE=none
    )
}

windows_needed() { echo "x86_64-w64-mingw32-gcc gcc-mingw-w64-x86-64-win32"; }

windows_id() { cat "$here/deps.d/windows.sh" "$CMAKE_TOOLCHAIN_FILE"; }
