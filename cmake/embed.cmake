# cmake -DLIST=paths.list -DNAME=connector -DOUT=connector_files.c -P embed.cmake     (see PicketEmbed.cmake)
cmake_minimum_required(VERSION 3.25)

# A line break with the white space around it never means anything in JSON: strings cannot hold one.
function(hex_of path ret)
    if(path MATCHES "\\.json$")
        file(READ "${path}" text)
        string(JSON type ERROR_VARIABLE problem TYPE "${text}")
        if(problem)
            message(FATAL_ERROR "${path}: not JSON: ${problem}")
        endif()
        string(REGEX REPLACE "[ \t\r]*\n[ \t\r\n]*" "" text "${text}")
        string(HEX "${text}" hex)
    else()
        file(READ "${path}" hex HEX)
    endif()
    set(${ret} "${hex}" PARENT_SCOPE)
endfunction()

file(STRINGS "${LIST}" paths)
set(arrays "")
set(rows "")
set(count 0)
foreach(path ${paths})
    hex_of("${path}" hex)
    get_filename_component(title "${path}" NAME)
    string(REGEX REPLACE "\\.json$" "" title "${title}")
    string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
    string(APPEND arrays "static const unsigned char file_${count}[] = {${bytes}0};\n")
    string(APPEND rows "    { \"${title}\", file_${count}, sizeof file_${count} - 1 },\n")
    math(EXPR count "${count} + 1")
endforeach()

file(WRITE "${OUT}" "/* Made by cmake/embed.cmake. */
#include \"proto/connector/embedded.h\"

extern const struct embedded_file ${NAME}_files[];
extern const size_t ${NAME}_file_count;

${arrays}
const struct embedded_file ${NAME}_files[] = {
${rows}    { NULL, NULL, 0 },
};
const size_t ${NAME}_file_count = ${count};
")
