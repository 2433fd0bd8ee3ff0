# What is different where mingw-w64's gcc builds for Windows. No -fdata-sections: it would write zeroes into the file.
target_compile_definitions(picket_flags INTERFACE
    _WIN32_WINNT=0x0A00                 # Windows 10
    WIN32_LEAN_AND_MEAN                 # its headers own many plain words; without what we never call they own fewer
    __USE_MINGW_ANSI_STDIO=1            # printf as C17 has it
    _POSIX_THREAD_SAFE_FUNCTIONS)       # gmtime_r, localtime_r
# gcc takes "printf" for Microsoft's dialect there, so each format attribute asks for the one that we get
target_compile_options(picket_flags INTERFACE "-Dformat(kind,text,first)=format(gnu_##kind,text,first)")
target_link_options(picket_flags INTERFACE -static -fstack-protector-strong -Wl,--gc-sections -Wl,--dynamicbase,--high-entropy-va,--nxcompat)
