# The release toolchain: gcc against musl. Its dependencies are packaging/deps' flavour of the same name.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR ${CMAKE_HOST_SYSTEM_PROCESSOR})
set(CMAKE_C_COMPILER "${CMAKE_CURRENT_LIST_DIR}/../packaging/musl-cc")
set(PICKET_DEPS_FLAVOUR musl)
