# tests/unit/test_*.c: each is a program and a ctest case of the same name; the file exists, so it runs.
# To reach a static function a test includes the .c: what it defines is then not taken from the libraries.
enable_testing()

if(WIN32) # nobody packages it for mingw-w64: the part of it that we use
    set(CMOCKA_INCLUDE "${PROJECT_SOURCE_DIR}/tests/lib/windows")
    set(CMOCKA_LIB m)
endif()
find_path(CMOCKA_INCLUDE cmocka.h)
find_library(CMOCKA_LIB cmocka)
if(NOT CMOCKA_INCLUDE OR NOT CMOCKA_LIB)
    message(FATAL_ERROR "PICKET_TESTS needs cmocka: apt-get install libcmocka-dev (or -DPICKET_TESTS=OFF)")
endif()

add_library(test_flags INTERFACE)
target_include_directories(test_flags INTERFACE "${PROJECT_SOURCE_DIR}/tests/unit")
target_include_directories(test_flags SYSTEM INTERFACE "${CMOCKA_INCLUDE}")
target_compile_definitions(test_flags INTERFACE PICKET_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
target_link_libraries(test_flags INTERFACE proto platform "${CMOCKA_LIB}")

# tests/unit/*.c that are no tests: what several tests share, linked where it is used; it names nothing of the agent
file(GLOB helpers CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/unit/*.c")
list(FILTER helpers EXCLUDE REGEX "/test_[^/]*$")
if(helpers)
    add_library(test_helpers STATIC ${helpers})
    target_link_libraries(test_helpers PUBLIC proto platform)
    target_link_libraries(test_flags INTERFACE test_helpers)
endif()

# Seconds for each program, many times what it takes: a busy machine is no failure. PICKET_ROUNDS (a night's) makes some of them long.
set(test_limit_s 300)
if(DEFINED ENV{PICKET_ROUNDS})
    set(test_limit_s 1800)
endif()

file(GLOB tests CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/unit/test_*.c")
if(WIN32)
    include(PicketTestsWindows)
    picket_tests_for_windows(tests)
else()
    list(FILTER tests EXCLUDE REGEX "/test_windows_[^/]*$")
endif()
foreach(test ${tests})
    get_filename_component(name "${test}" NAME_WE)
    add_executable(${name} "${test}")
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
    # what names nothing of the agent is linked, and can be run, without it
    file(STRINGS "${test}" of_agent REGEX "^#include \"agent/" LIMIT_COUNT 1)
    if(of_agent)
        target_link_libraries(${name} PRIVATE agent_core)
    endif()
    target_link_libraries(${name} PRIVATE test_flags)
    set_property(DIRECTORY "${PROJECT_SOURCE_DIR}" APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${test}")
    add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
    set_tests_properties(${name} PROPERTIES TIMEOUT ${test_limit_s}
        ENVIRONMENT "ASAN_OPTIONS=detect_stack_use_after_return=1;UBSAN_OPTIONS=print_stacktrace=1")
endforeach()

# tests/tools/*.c: programs that end-to-end tests drive (build/PRESET/tests/NAME)
file(GLOB tools CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/tools/*.c")
foreach(tool ${tools})
    get_filename_component(name "${tool}" NAME_WE)
    add_executable(${name} "${tool}")
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/tests")
    target_link_libraries(${name} PRIVATE proto platform)
endforeach()
