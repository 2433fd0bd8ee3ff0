# dep::curl dep::mbedtls dep::uv dep::cjson dep::sqlite, whichever way they come:
#   nothing given            packaging/deps builds them, or finds them in its cache
#   DEPS_PREFIX              a prefix made before
#   PICKET_SYSTEM_DEPS=ON    the distribution's shared libraries

foreach(name curl mbedtls uv cjson sqlite)
    add_library(dep_${name} INTERFACE)
    add_library(dep::${name} ALIAS dep_${name})
endforeach()
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)

# picket_archive(PREFIX NAME NEEDED...): lib/libNAME.a and what must come after it on the linker's line
function(picket_archive prefix name)
    add_library(lib_${name} STATIC IMPORTED)
    set_target_properties(lib_${name} PROPERTIES
        IMPORTED_LOCATION "${prefix}/lib/lib${name}.a"
        INTERFACE_INCLUDE_DIRECTORIES "${prefix}/include"
        INTERFACE_LINK_LIBRARIES "${ARGN}")
endfunction()

function(picket_deps_of_prefix prefix)
    if(WIN32)
        set(of_system ws2_32 crypt32 bcrypt secur32 iphlpapi userenv psapi user32 advapi32 shell32 ole32 dbghelp ntdll)
    endif()
    picket_archive("${prefix}" mbedcrypto Threads::Threads ${of_system})
    picket_archive("${prefix}" mbedx509 lib_mbedcrypto)
    picket_archive("${prefix}" mbedtls lib_mbedx509 lib_mbedcrypto)
    picket_archive("${prefix}" curl lib_mbedtls lib_mbedx509 lib_mbedcrypto Threads::Threads ${of_system})
    picket_archive("${prefix}" uv Threads::Threads ${CMAKE_DL_LIBS} ${of_system})
    picket_archive("${prefix}" cjson)
    picket_archive("${prefix}" sqlite3 Threads::Threads m)
    target_compile_definitions(lib_curl INTERFACE CURL_STATICLIB)
    target_link_libraries(dep_curl INTERFACE lib_curl)
    target_link_libraries(dep_mbedtls INTERFACE lib_mbedtls lib_mbedx509 lib_mbedcrypto)
    target_link_libraries(dep_uv INTERFACE lib_uv)
    target_link_libraries(dep_cjson INTERFACE lib_cjson)
    target_link_libraries(dep_sqlite INTERFACE lib_sqlite3)
endfunction()

function(picket_deps_of_system)
    find_package(PkgConfig REQUIRED)
    pkg_check_modules(CURL REQUIRED IMPORTED_TARGET "libcurl>=7.88")
    pkg_check_modules(UV REQUIRED IMPORTED_TARGET "libuv>=1.45")
    pkg_check_modules(CJSON REQUIRED IMPORTED_TARGET "libcjson>=1.7.15")
    pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET "sqlite3>=3.40")
    target_link_libraries(dep_curl INTERFACE PkgConfig::CURL)
    target_link_libraries(dep_uv INTERFACE PkgConfig::UV)
    target_link_libraries(dep_cjson INTERFACE PkgConfig::CJSON)
    target_link_libraries(dep_sqlite INTERFACE PkgConfig::SQLITE)

    # Debian ships no .pc for it before 3.6; the version is read from the header, which moved in 3.0.
    find_path(MBEDTLS_INCLUDE mbedtls/version.h)
    find_library(MBEDTLS_LIB mbedtls)
    find_library(MBEDX509_LIB mbedx509)
    find_library(MBEDCRYPTO_LIB mbedcrypto)
    set(found none)
    foreach(header version.h build_info.h)
        if(MBEDTLS_INCLUDE AND EXISTS "${MBEDTLS_INCLUDE}/mbedtls/${header}")
            file(STRINGS "${MBEDTLS_INCLUDE}/mbedtls/${header}" line REGEX "define MBEDTLS_VERSION_STRING +\"")
            if(line MATCHES "\"([0-9.]+)\"")
                set(found ${CMAKE_MATCH_1})
            endif()
        endif()
    endforeach()
    if(found STREQUAL "none" OR found VERSION_LESS 3.6)
        message(FATAL_ERROR
            "PICKET_SYSTEM_DEPS needs mbed TLS 3.6 or newer; found: ${found}. "
            "Install a newer libmbedtls-dev, or leave PICKET_SYSTEM_DEPS off: packaging/deps builds 3.6.")
    endif()
    target_include_directories(dep_mbedtls SYSTEM INTERFACE "${MBEDTLS_INCLUDE}")
    target_link_libraries(dep_mbedtls INTERFACE "${MBEDTLS_LIB}" "${MBEDX509_LIB}" "${MBEDCRYPTO_LIB}")
endfunction()

function(picket_deps_build ret_prefix)
    if(NOT PICKET_DEPS_FLAVOUR)
        set(PICKET_DEPS_FLAVOUR glibc)
    endif()
    # its standard error, the progress, goes to the terminal; its last line is the prefix
    execute_process(COMMAND "${PROJECT_SOURCE_DIR}/packaging/deps" ${PICKET_DEPS_FLAVOUR}
        OUTPUT_VARIABLE prefix OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE result)
    if(NOT result EQUAL 0)
        message(FATAL_ERROR "packaging/deps ${PICKET_DEPS_FLAVOUR} failed; its reason is above")
    endif()
    file(GLOB recipe "${PROJECT_SOURCE_DIR}/packaging/deps*" "${PROJECT_SOURCE_DIR}/packaging/deps.d/*"
        "${PROJECT_SOURCE_DIR}/packaging/m*" "${PROJECT_SOURCE_DIR}/packaging/*-cc")
    set_property(DIRECTORY "${PROJECT_SOURCE_DIR}" APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${recipe})
    string(REGEX REPLACE ".*\n" "" prefix "${prefix}")
    set(${ret_prefix} "${prefix}" PARENT_SCOPE)
endfunction()

if(PICKET_SYSTEM_DEPS)
    picket_deps_of_system()
else()
    if(DEPS_PREFIX)
        set(deps_prefix "${DEPS_PREFIX}")
    else()
        picket_deps_build(deps_prefix)
    endif()
    if(NOT EXISTS "${deps_prefix}/lib/libcurl.a")
        message(FATAL_ERROR "no libraries in DEPS_PREFIX=${deps_prefix} (packaging/deps prints a good one)")
    endif()
    message(STATUS "Dependencies: ${deps_prefix}")
    picket_deps_of_prefix("${deps_prefix}")
endif()
