# The unit tests in a Windows build: those that are about Linux are left out, the rest is run under Wine.
set(CMAKE_CROSSCOMPILING_EMULATOR "${PROJECT_SOURCE_DIR}/tests/lib/windows/wine")

# picket_tests_for_windows(LIST): takes test_linux_* and the first words of tests/lib/windows/left-out away
function(picket_tests_for_windows list)
    set(left_out "${PROJECT_SOURCE_DIR}/tests/lib/windows/left-out")
    set_property(DIRECTORY "${PROJECT_SOURCE_DIR}" APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${left_out}")
    file(STRINGS "${left_out}" rows REGEX "^test_")
    list(TRANSFORM rows REPLACE "[ ].*" "")
    set(kept "")
    foreach(test ${${list}})
        get_filename_component(name "${test}" NAME_WE)
        if(NOT name MATCHES "^test_linux_" AND NOT name IN_LIST rows)
            list(APPEND kept "${test}")
        endif()
    endforeach()
    set(${list} "${kept}" PARENT_SCOPE)
endfunction()
