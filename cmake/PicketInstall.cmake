# What goes where on a Linux machine: cmake --install build/release --prefix /usr  (DESTDIR is honoured).
# packaging/build-deb makes its package from exactly this.
include(GNUInstallDirs)

install(TARGETS picket RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES packaging/systemd/picket.service DESTINATION lib/systemd/system)
install(FILES packaging/systemd/sysusers.conf DESTINATION lib/sysusers.d RENAME picket.conf)
install(FILES packaging/systemd/picket.json DESTINATION /etc/picket)

# The man pages and the shell completion are printed by a program that is linked with the agent's tables.
if(PICKET_MANUAL)
    file(GLOB manual_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/packaging/manual/*.c")
    add_executable(picket-manual ${manual_sources})
    target_link_libraries(picket-manual PRIVATE agent_core)
    if(PICKET_STATIC)
        target_link_options(picket-manual PRIVATE -static-pie)
    endif()
    foreach(page picket.1 picket.json.5 picket.bash)
        set(template "${PROJECT_SOURCE_DIR}/packaging/manual/${page}.in")
        set(made "${PROJECT_BINARY_DIR}/manual/${page}")
        add_custom_command(OUTPUT "${made}"
            COMMAND ${CMAKE_COMMAND} -E make_directory "${PROJECT_BINARY_DIR}/manual"
            COMMAND ${CMAKE_CROSSCOMPILING_EMULATOR} $<TARGET_FILE:picket-manual> "${template}" "${made}"
            DEPENDS picket-manual "${template}" VERBATIM)
        list(APPEND manual_pages "${made}")
    endforeach()
    add_custom_target(manual ALL DEPENDS ${manual_pages})
    install(FILES "${PROJECT_BINARY_DIR}/manual/picket.1" DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
    install(FILES "${PROJECT_BINARY_DIR}/manual/picket.json.5" DESTINATION ${CMAKE_INSTALL_MANDIR}/man5)
    install(FILES "${PROJECT_BINARY_DIR}/manual/picket.bash" DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
        RENAME picket)
endif()
