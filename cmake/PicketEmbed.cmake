# picket_embed(SOURCES NAME GLOB...): turns files into the table NAME_files / NAME_file_count
# (struct embedded_file, proto/connector/embedded.h) and adds the generated C file to the list SOURCES.
# JSON is checked and loses its line breaks; anything else goes in byte by byte. No files, empty table.
function(picket_embed sources name)
    list(TRANSFORM ARGN PREPEND "${PROJECT_SOURCE_DIR}/" OUTPUT_VARIABLE globs)
    file(GLOB files CONFIGURE_DEPENDS ${globs})
    set(script "${PROJECT_SOURCE_DIR}/cmake/embed.cmake")
    set(generated "${PROJECT_BINARY_DIR}/generated/${name}_files.c")
    # the list is a file, so that a file taken away is noticed too
    set(list_file "${PROJECT_BINARY_DIR}/generated/${name}_files.list")
    list(JOIN files "\n" text)
    file(CONFIGURE OUTPUT "${list_file}" CONTENT "${text}\n" @ONLY)
    add_custom_command(OUTPUT "${generated}"
        COMMAND ${CMAKE_COMMAND} -DLIST=${list_file} -DNAME=${name} -DOUT=${generated} -P "${script}"
        DEPENDS ${files} "${list_file}" "${script}"
        COMMENT "Embedding ${name} files" VERBATIM)
    set(${sources} ${${sources}} "${generated}" PARENT_SCOPE)
endfunction()
