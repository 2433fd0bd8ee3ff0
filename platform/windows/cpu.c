#include "platform/cpu.h"

#include "platform/windows/wide.h"
#include <winternl.h>

/* In hundredths of a second, which is as fine as Windows counts anyway. */
enum { UNITS_PER_TICK = 100000 };

static uint64_t ticks(FILETIME t)
{
    return ((uint64_t)t.dwHighDateTime << 32 | t.dwLowDateTime) / UNITS_PER_TICK;
}

/* Kernel time has the idle time in it. */
struct err plat_cpu_read(struct plat_cpus *ret)
{
    FILETIME idle, kernel, user;

    if (!GetSystemTimes(&idle, &kernel, &user))
        return wide_error("reading the CPUs' times");
    *ret = (struct plat_cpus){
        .all.ticks = { [PLAT_CPU_USER] = ticks(user),
                       [PLAT_CPU_SYSTEM] = ticks(kernel) - ticks(idle),
                       [PLAT_CPU_IDLE] = ticks(idle) },
        .count = GetActiveProcessorCount(ALL_PROCESSOR_GROUPS),
        .missing = 1u << PLAT_CPU_NICE | 1u << PLAT_CPU_IOWAIT | 1u << PLAT_CPU_INTERRUPT | 1u << PLAT_CPU_STEAL,
    };
    return err_ok();
}

/* Of our own group of at most 64: the call knows no other. */
struct err plat_cpu_read_each(plat_cpu_fn *each, void *context)
{
    static const char                        step[] = "reading each CPU's times";
    SYSTEM_PROCESSOR_PERFORMANCE_INFORMATION all[64];
    ULONG                                    bytes = 0;
    NTSTATUS status = NtQuerySystemInformation(SystemProcessorPerformanceInformation, all, sizeof all, &bytes);

    if (status < 0)
        return err_from_os((int)RtlNtStatusToDosError(status), step);
    for (uint32_t i = 0; i < bytes / sizeof *all; i++) {
        const struct plat_cpu cpu = {
            .ticks = { [PLAT_CPU_USER] = (uint64_t)all[i].UserTime.QuadPart / UNITS_PER_TICK,
                       [PLAT_CPU_SYSTEM] =
                           (uint64_t)(all[i].KernelTime.QuadPart - all[i].IdleTime.QuadPart) / UNITS_PER_TICK,
                       [PLAT_CPU_IDLE] = (uint64_t)all[i].IdleTime.QuadPart / UNITS_PER_TICK },
        };

        each(context, i, &cpu);
    }
    return err_ok();
}

void plat_cpu_done(void)
{
}
