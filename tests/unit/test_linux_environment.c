#include "check.h"

#include "platform/buf.h"
#include "platform/environment.h"
#include "platform/linux/environment_parse.h"
#include "rootdir.h"

#define FLAG "processor\t: 0\nflags\t\t: fpu sse hypervisor lahf_lm\n"
#define BARE "processor\t: 0\nflags\t\t: fpu sse lahf_lm\n"
#define ARM "processor\t: 0\nBogoMIPS\t: 50.00\nFeatures\t: fp asimd\n"

static void the_hypervisor_flag_is_a_word_of_the_flags(void **state)
{
    (void)state;
    assert_true(plat_cpuinfo_has_hypervisor(FLAG));
    assert_true(plat_cpuinfo_has_hypervisor("a: b\nflags : hypervisor\n"));
    assert_false(plat_cpuinfo_has_hypervisor(BARE));
    assert_false(plat_cpuinfo_has_hypervisor("a: b\nflags : hypervisors\nnote : hypervisor\n"));
    assert_false(plat_cpuinfo_has_hypervisor(""));
}

static void systems_are_told_by_firmware_flag_and_kernel(void **state)
{
    static const struct {
        const char *path, *text, *cpuinfo, *release, *want;
    } cases[] = {
        { "/sys/class/dmi/id/product_name", "Standard PC (Q35 + ICH9, 2009)\n", FLAG, "6.1.0\n", "vm-other" },
        { "/sys/class/dmi/id/sys_vendor", "QEMU\n", FLAG, "6.1.0\n", "qemu" },
        { "/sys/class/dmi/id/product_name", "KVM\n", FLAG, "6.1.0\n", "kvm" },
        { "/sys/class/dmi/id/product_name", "VMware Virtual Platform\n", FLAG, "5.14.0\n", "vmware" },
        { "/sys/class/dmi/id/product_name", "VirtualBox\n", FLAG, "5.14.0\n", "oracle" },
        { "/sys/class/dmi/id/product_name", "Virtual Machine\n", FLAG, "5.14.0\n", "hyperv" },
        { "/sys/class/dmi/id/sys_vendor", "Amazon EC2\n", BARE, "5.14.0\n", "none" }, /* a whole machine of theirs */
        { "/sys/class/dmi/id/sys_vendor", "Amazon EC2\n", ARM, "5.14.0\n", "amazon" },
        { "/sys/class/dmi/id/sys_vendor", "Dell Inc.\n", BARE, "5.14.0\n", "none" },
        { "/sys/hypervisor/type", "xen\n", BARE, "5.14.0\n", "xen" },
        { "/sys/x", "", FLAG, "5.15.90.1-microsoft-standard-WSL2\n", "wsl" },
        { "/sys/x", "", FLAG, "4.4.0-19041-Microsoft\n", "wsl" },
        { "/sys/x", "", "", "", "" }, /* nothing is known */
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct plat_environment e;
        char                   *root = rootdir_make();

        rootdir_write(root, cases[i].path, cases[i].text);
        rootdir_write(root, "/proc/cpuinfo", cases[i].cpuinfo);
        rootdir_write(root, "/proc/sys/kernel/osrelease", cases[i].release);
        plat_environment_read(root, &e);
        rootdir_remove(root);
        assert_string_equal(e.virtualization, cases[i].want);
        assert_string_equal(e.container, "");
    }
}

static void containers_are_told_by_files_first_process_and_cgroups(void **state)
{
    static const struct {
        const char *path, *text;
        size_t      len;
        const char *want;
    } cases[] = {
#define BYTES(text) text, sizeof(text) - 1
        { "/.dockerenv", BYTES(""), "docker" },
        { "/run/.containerenv", BYTES("engine=\"podman-4.3.1\"\n"), "podman" },
        { "/run/systemd/container", BYTES("lxc\n"), "lxc" },
        { "/run/systemd/container", BYTES("systemd-nspawn\n"), "systemd-nspawn" },
        { "/proc/1/environ", BYTES("HOME=/\0container=lxc\0TERM=x\0"), "lxc" },
        { "/proc/1/environ", BYTES("container=oci\0"), "docker" },
        { "/proc/1/environ", BYTES("mycontainer=lxc\0"), "none" },
        { "/proc/1/cgroup", BYTES("0::/kubepods/besteffort/pod1/2\n"), "kubernetes" },
        { "/proc/1/cgroup", BYTES("12:cpu:/docker/0123456789ab\n"), "docker" },
        { "/proc/1/cgroup", BYTES("0::/system.slice/docker-0123.scope\n"), "docker" },
        { "/proc/1/cgroup", BYTES("1:name=systemd:/lxc/web\n"), "lxc" },
        { "/proc/1/cgroup", BYTES("0::/init.scope\n"), "none" },
#undef BYTES
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct plat_environment e;
        char                   *root = rootdir_make();

        rootdir_put(root, cases[i].path, cases[i].text, cases[i].len);
        plat_environment_read(root, &e);
        rootdir_remove(root);
        assert_string_equal(e.container, cases[i].want);
    }
}

static void limits_are_those_of_the_topmost_group(void **state)
{
    static const struct {
        const char *paths[3], *texts[3], *cgroups;
        uint64_t    bytes, millis;
    } cases[] = {
#define V1                                                                                \
    "/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/cpu/cpu.cfs_quota_us", \
        "/sys/fs/cgroup/cpu/cpu.cfs_period_us"
#define V2 "/sys/fs/cgroup/cgroup.controllers", "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/cpu.max"
        { { V2 }, { "cpu memory\n", "536870912\n", "150000 100000\n" }, "v2", 512ull << 20, 1500 },
        { { V2 }, { "cpu memory\n", "max\n", "max 100000\n" }, "v2", 0, 0 },
        { { V2 }, { "cpu memory\n", "x\n", "1 0\n" }, "v2", 0, 0 },
        { { V1 }, { "67108864\n", "25000\n", "100000\n" }, "v1", 64 << 20, 250 },
        { { V1 }, { "9223372036854771712\n", "-1\n", "100000\n" }, "v1", 0, 0 },
        { { V1 }, { "9223372036854710272\n", "9223372036854775807\n", "1\n" }, "v1", 0, 0 },      /* pages of 64 KiB */
        { { "/sys/fs/cgroup/cgroup.controllers", "/x", "/y" }, { "cpu\n", "", "" }, "v2", 0, 0 }, /* a whole machine */
        { { "/sys/fs/cgroup/unified/cgroup.procs", "/sys/fs/cgroup/memory/x", "/y" },
          { "1\n", "", "" },
          "hybrid",
          0,
          0 },
        { { "/x", "/y", "/z" }, { "", "", "" }, "", 0, 0 },
#undef V1
#undef V2
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct plat_environment e;
        char                   *root = rootdir_make();

        for (size_t k = 0; k < 3; k++)
            rootdir_write(root, cases[i].paths[k], cases[i].texts[k]);
        plat_environment_read(root, &e);
        rootdir_remove(root);
        assert_string_equal(e.cgroups, cases[i].cgroups);
        assert_int_equal(e.memory_limit_bytes, cases[i].bytes);
        assert_int_equal(e.cpu_limit_millis, cases[i].millis);
    }
}

static void this_machine_runs_in_something(void **state)
{
    struct plat_environment e;

    (void)state;
    plat_environment_read("", &e);
    assert_true(e.virtualization[0] && e.container[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_hypervisor_flag_is_a_word_of_the_flags),
        cmocka_unit_test(systems_are_told_by_firmware_flag_and_kernel),
        cmocka_unit_test(containers_are_told_by_files_first_process_and_cgroups),
        cmocka_unit_test(limits_are_those_of_the_topmost_group),
        cmocka_unit_test(this_machine_runs_in_something),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
