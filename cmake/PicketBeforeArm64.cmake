# arm64-cc takes the C library from the cache of packaging/deps: on a fresh machine that comes first. PicketDeps asks once more later,
# and is answered at once.
execute_process(COMMAND "${CMAKE_CURRENT_LIST_DIR}/../packaging/deps" musl-arm64 OUTPUT_QUIET RESULT_VARIABLE result)
if(NOT result EQUAL 0)
    message(FATAL_ERROR "packaging/deps musl-arm64 failed; its reason is above")
endif()
