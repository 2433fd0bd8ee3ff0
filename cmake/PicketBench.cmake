# tests/bench/bench_*.c: programs that tests/bench/run measures (BUILD/bench/NAME). Nothing that is shipped: made only when
# asked for, cmake --build BUILD --target benches
add_custom_target(benches)
file(GLOB benches CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/bench/bench_*.c")
foreach(bench ${benches})
    get_filename_component(name "${bench}" NAME_WE)
    add_executable(${name} EXCLUDE_FROM_ALL "${bench}")
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bench")
    target_link_libraries(${name} PRIVATE agent_core)
    picket_program(${name})
    add_dependencies(benches ${name})
endforeach()
# its clock stands in place of the library's, which has it in one file with what is needed
target_link_options(bench_soak PRIVATE -Wl,--allow-multiple-definition)
