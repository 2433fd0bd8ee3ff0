# picket_flags: what every piece of ours is compiled and linked with.

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

if(NOT CMAKE_BUILD_TYPE)
    set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()

add_library(picket_flags INTERFACE)

# Folders of the house are the names in #include: "platform/err.h".
target_include_directories(picket_flags INTERFACE
    "${PROJECT_SOURCE_DIR}" "${PROJECT_BINARY_DIR}/generated")

# Once for all, so that no file depends on the order of its includes. Empty, as a file would write it.
target_compile_definitions(picket_flags INTERFACE _GNU_SOURCE= _FILE_OFFSET_BITS=64)

# -Wconversion is left out: on arithmetic of small types it asks for casts that hide more than they show.
target_compile_options(picket_flags INTERFACE
    -Wall -Wextra -Wpedantic
    -Wshadow -Wvla -Wundef -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition
    -Wpointer-arith -Wcast-qual -Wwrite-strings
    $<$<C_COMPILER_ID:Clang>:-Wno-format-nonliteral> # gcc knows that a va_list was checked by the caller
    $<$<BOOL:${PICKET_WERROR}>:-Werror>
    -ffunction-sections $<$<NOT:$<BOOL:${WIN32}>>:-fdata-sections> -fno-common
    -fstack-protector-strong
    "-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=")
if(WIN32)
    include(PicketWindows)
else()
    target_link_options(picket_flags INTERFACE -Wl,--gc-sections -Wl,-z,relro,-z,now,-z,noexecstack)
endif()

if(PICKET_SANITIZE)
    target_compile_options(picket_flags INTERFACE
        -fsanitize=${PICKET_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(picket_flags INTERFACE -fsanitize=${PICKET_SANITIZE})
elseif(NOT CMAKE_BUILD_TYPE STREQUAL "Debug" AND NOT WIN32)
    target_compile_options(picket_flags INTERFACE -fstack-clash-protection)
    if(NOT PICKET_DEPS_FLAVOUR MATCHES "^musl") # musl has no checked variants
        target_compile_options(picket_flags INTERFACE -D_FORTIFY_SOURCE=2)
    endif()
endif()
if(PICKET_STATIC)
    # no tables for unwinding: nothing throws, and a debugger has its own in picket.debug
    target_compile_options(picket_flags INTERFACE -fno-asynchronous-unwind-tables -fno-unwind-tables)
endif()
if(PICKET_FUZZ)
    target_compile_options(picket_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# picket_program(target): the last steps for what gets shipped
function(picket_program target)
    if(PICKET_STATIC)
        target_link_options(${target} PRIVATE -static-pie)
    elseif(NOT WIN32)
        target_link_options(${target} PRIVATE -pie)
    endif()
    if(PICKET_STRIP)
        add_custom_command(TARGET ${target} POST_BUILD
            COMMAND ${CMAKE_OBJCOPY} --only-keep-debug $<TARGET_FILE:${target}> $<TARGET_FILE:${target}>.debug
            COMMAND ${CMAKE_STRIP} --strip-all $<TARGET_FILE:${target}>
            COMMAND ${CMAKE_OBJCOPY} --add-gnu-debuglink=$<TARGET_FILE:${target}>.debug $<TARGET_FILE:${target}>
            VERBATIM)
    endif()
endfunction()
