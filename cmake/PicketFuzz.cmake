# tests/fuzz/fuzz_*.c: each is a libFuzzer program. ctest runs it over its seeds once (tests/fuzz/seeds/NAME,
# NAME without fuzz_); by hand: build/fuzz/fuzz/fuzz_json -max_total_time=60 CORPUS tests/fuzz/seeds/json
enable_testing()

if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
    message(FATAL_ERROR "PICKET_FUZZ needs clang and its run-time library: apt-get install clang libclang-rt-14-dev")
endif()

file(GLOB targets CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/fuzz/fuzz_*.c")
foreach(target ${targets})
    get_filename_component(name "${target}" NAME_WE)
    string(REGEX REPLACE "^fuzz_" "" seeds "${name}")
    set(seeds "${PROJECT_SOURCE_DIR}/tests/fuzz/seeds/${seeds}")
    add_executable(${name} "${target}")
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/fuzz")
    target_compile_options(${name} PRIVATE -Wno-missing-prototypes) # LLVMFuzzerTestOneInput has no header
    target_compile_definitions(${name} PRIVATE PICKET_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    target_link_libraries(${name} PRIVATE agent_core)
    target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    if(NOT IS_DIRECTORY "${seeds}")
        message(WARNING "${name} has no seeds: ${seeds}")
        set(seeds "")
    endif()
    add_test(NAME ${name} COMMAND ${name} -runs=0 ${seeds})
    set_tests_properties(${name} PROPERTIES TIMEOUT 120)
endforeach()
