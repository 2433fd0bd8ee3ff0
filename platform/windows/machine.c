#include "platform/machine.h"

#include <stdio.h>
#include <string.h>

#include "platform/windows/wide.h"
#include <winternl.h>

static const wchar_t version_key[] = L"SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion";

NTSTATUS NTAPI RtlGetVersion(OSVERSIONINFOW *ret);

static const char *architecture(void)
{
    SYSTEM_INFO system;

    GetNativeSystemInfo(&system);
    switch (system.wProcessorArchitecture) {
    case PROCESSOR_ARCHITECTURE_AMD64:
        return "x86_64";
    case PROCESSOR_ARCHITECTURE_ARM64:
        return "aarch64";
    default:
        return "";
    }
}

/* "6a3f...": MachineGuid without its dashes. */
static void read_id(char into[33])
{
    char   guid[64];
    size_t len = 0;

    wide_registry(L"SOFTWARE\\Microsoft\\Cryptography", L"MachineGuid", guid, sizeof guid);
    for (const char *c = guid; *c && len < 32; c++)
        if (*c != '-')
            into[len++] = *c >= 'A' && *c <= 'F' ? (char)(*c - 'A' + 'a') : *c;
    into[len] = '\0';
    if (len != 32 || strspn(into, "0123456789abcdef") != 32)
        into[0] = '\0';
}

/* ProductName says Windows 10 on 11 too: what tells them apart is the build. */
static void read_name(DWORD build, char *into, size_t size)
{
    wide_registry(version_key, L"ProductName", into, size);
    if (build >= 22000 && strncmp(into, "Windows 10", 10) == 0)
        into[9] = '1';
}

struct err plat_machine_read(struct plat_machine *ret)
{
    OSVERSIONINFOW version = { .dwOSVersionInfoSize = sizeof version };
    wchar_t        name[256];
    DWORD          size = ARRAYSIZE(name);

    if (RtlGetVersion(&version) < 0)
        return err_of(ERR_OS, "asking for the machine's names");
    *ret = (struct plat_machine){ .os_id = "windows", .cpus = GetActiveProcessorCount(ALL_PROCESSOR_GROUPS) };
    if (GetComputerNameExW(ComputerNamePhysicalDnsHostname, name, &size))
        wide_print(name, ret->host_name, sizeof ret->host_name);
    read_name(version.dwBuildNumber, ret->os_name, sizeof ret->os_name);
    wide_registry(version_key, L"DisplayVersion", ret->os_version, sizeof ret->os_version);
    snprintf(ret->kernel, sizeof ret->kernel, "Windows %u.%u.%u", (unsigned)version.dwMajorVersion,
             (unsigned)version.dwMinorVersion, (unsigned)version.dwBuildNumber);
    snprintf(ret->architecture, sizeof ret->architecture, "%s", architecture());
    read_id(ret->id);
    return err_ok();
}
