#include "check.h"

#include <math.h>
#include <unistd.h>

#include "agent/collect/sensorline.h"
#include "platform/buf.h"
#include "platform/sensors.h"
#include "rootdir.h"

static void put(const char *root, const char *folder, const char *file, const char *text)
{
    char path[256];

    snprintf(path, sizeof path, "/sys/class/%s/%s", folder, file);
    rootdir_write(root, path, text);
}

struct file {
    const char *folder, *name, *text;
};

static char *tree(const struct file *files, size_t count)
{
    char *root = rootdir_make();

    for (size_t i = 0; i < count; i++)
        put(root, files[i].folder, files[i].name, files[i].text);
    return root;
}

static int by_line(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_line(void *context, const struct plat_sensor *sensor)
{
    sensorline_print(sensor, context);
}

/* Folders are read in no order: the lines are sorted. */
static void look(const char *root, const char *want)
{
    struct buf said, sorted;
    char      *lines[64], *rest;
    size_t     count = 0;

    buf_init(&said, 1 << 16);
    buf_init(&sorted, 1 << 16);
    assert_int_equal(plat_sensors_each(root, add_line, &said).code, ERR_OK);
    buf_text(&said);
    rest = said.data;
    while (rest && count < 64 && (lines[count] = strsep(&rest, "\n")) && lines[count][0])
        count++;
    qsort(lines, count, sizeof lines[0], by_line);
    for (size_t i = 0; i < count; i++)
        buf_printf(&sorted, "%s\n", lines[i]);
    assert_string_equal(buf_text(&sorted), want);
    buf_done(&said);
    buf_done(&sorted);
}

static void a_desktop_has_chips_that_are_named_by_their_device(void **state)
{
    static const struct file files[] = {
        { "hwmon/hwmon2", "name", "coretemp\n" },
        { "hwmon/hwmon2", "temp1_input", "48000\n" },
        { "hwmon/hwmon2", "temp1_label", "Package id 0\n" },
        { "hwmon/hwmon2", "temp1_crit", "100000\n" },
        { "hwmon/hwmon2", "temp1_crit_alarm", "0\n" },
        { "hwmon/hwmon2", "temp2_input", "46000\n" },
        { "hwmon/hwmon2", "temp2_label", "Core 0\n" },
        { "hwmon/hwmon0", "name", "k10temp\n" },
        { "hwmon/hwmon0", "temp1_input", "39125\n" },
        { "hwmon/hwmon0", "temp1_label", "Tctl\n" },
        { "hwmon/hwmon5", "name", "nct6798\n" },
        { "hwmon/hwmon5", "fan1_input", "0\n" },
        { "hwmon/hwmon5", "fan2_input", "1183\n" },
        { "hwmon/hwmon5", "fan2_label", "CPU\tFan\n" },
        { "hwmon/hwmon5", "in0_input", "872\n" },
        { "hwmon/hwmon5", "temp1_input", "31000\n" },
        { "hwmon/hwmon5", "temp1_crit", "255000\n" },  /* never set */
        { "hwmon/hwmon5", "temp4_input", "-62000\n" }, /* not connected */
        { "hwmon/hwmon5", "temp5_input", "127000\n" },
        { "hwmon/hwmon5", "temp6_input", "\n" },
        { "hwmon/hwmon6", "name", "nvme\n" },
        { "hwmon/hwmon6", "temp1_input", "44850\n" },
        { "hwmon/hwmon7", "name", "dell_smm\n" },
        { "hwmon/hwmon7", "fan1_input", "2400\n" },
        { "thermal/thermal_zone0", "type", "acpitz\n" },
        { "thermal/thermal_zone0", "temp", "27800\n" },
    };
    char *root = tree(files, ARRAY_LEN(files));

    (void)state;
    rootdir_link(root, "/sys/class/hwmon/hwmon2/device", "../../../coretemp.0");
    rootdir_link(root, "/sys/class/hwmon/hwmon0/device", "../../../0000:00:18.3");
    rootdir_link(root, "/sys/class/hwmon/hwmon5/device", "../../../nct6775.656");
    look(root, "fan\tnct6798@nct6775.656/fan1\tnct6798 fan1\tvalue=0\n"
               "fan\tnct6798@nct6775.656/fan2\tCPU Fan\tvalue=1183\n"
               "temperature\tcoretemp.0/temp1\tPackage id 0\tvalue=48\tlimit=100\n"
               "temperature\tk10temp@0000:00:18.3/temp1\tTctl\tvalue=39.125\n"
               "temperature\tnct6798@nct6775.656/temp1\tnct6798 temp1\tvalue=31\n");
    rootdir_remove(root);
}

static void a_board_without_chips_has_its_thermal_zones(void **state)
{
    static const struct file files[] = {
        { "thermal/thermal_zone0", "type", "cpu-thermal\n" },
        { "thermal/thermal_zone0", "temp", "54530\n" },
        { "thermal/thermal_zone0", "trip_point_0_type", "passive\n" },
        { "thermal/thermal_zone0", "trip_point_0_temp", "80000\n" },
        { "thermal/thermal_zone0", "trip_point_1_type", "critical\n" },
        { "thermal/thermal_zone0", "trip_point_1_temp", "110000\n" },
        { "thermal/thermal_zone1", "type", "off\n" },
        { "thermal/thermal_zone1", "temp", "" },
        { "thermal/cooling_device0", "type", "Processor\n" },
    };
    char *root = tree(files, ARRAY_LEN(files));

    (void)state;
    look(root, "temperature\tthermal_zone0\tcpu-thermal\tvalue=54.53\tlimit=110\n");
    rootdir_remove(root);
}

static void a_laptop_has_batteries_and_a_mouse_is_none_of_them(void **state)
{
    static const struct file files[] = {
        { "power_supply/AC", "type", "Mains\n" },
        { "power_supply/AC", "online", "0\n" },
        { "power_supply/ucsi-source-psy-USBC000:001", "type", "USB\n" },
        { "power_supply/ucsi-source-psy-USBC000:001", "online", "1\n" },
        { "power_supply/BAT0", "type", "Battery\n" },
        { "power_supply/BAT0", "present", "1\n" },
        { "power_supply/BAT0", "capacity", "87\n" },
        { "power_supply/BAT0", "energy_full", "30000000\n" },
        { "power_supply/BAT0", "energy_full_design", "60000000\n" },
        { "power_supply/BAT0", "status", "Not charging\n" },
        { "power_supply/BAT0", "model_name", "5B10W13930\n" },
        { "power_supply/BAT1", "type", "Battery\n" },
        { "power_supply/BAT1", "capacity", "104\n" },
        { "power_supply/BAT1", "charge_full", "5200000\n" },
        { "power_supply/BAT1", "charge_full_design", "5000000\n" },
        { "power_supply/BAT1", "status", "Discharging\n" },
        { "power_supply/BAT2", "type", "Battery\n" },
        { "power_supply/BAT2", "present", "0\n" },
        { "power_supply/BAT3", "type", "Battery\n" },
        { "power_supply/BAT3", "energy_full_design", "0\n" },
        { "power_supply/BAT3", "energy_full", "0\n" },
        { "power_supply/BAT3", "status", "Unknown\n" },
        { "power_supply/hidpp_battery_0", "type", "Battery\n" },
        { "power_supply/hidpp_battery_0", "scope", "Device\n" },
        { "power_supply/hidpp_battery_0", "capacity", "5\n" },
    };
    char *root = tree(files, ARRAY_LEN(files));

    (void)state;
    look(root, "battery\tBAT0\t5B10W13930\tvalue=0.87\thealth=0.5\tdischarging=0\n"
               "battery\tBAT1\t\tvalue=1\thealth=1\tdischarging=1\n"
               "battery\tBAT3\t\n"
               "mains\tmains\t\tvalue=1\n");
    rootdir_remove(root);
}

static void a_virtual_machine_has_nothing(void **state)
{
    char *root = rootdir_make();

    (void)state;
    look(root, "");
    rootdir_remove(root);
}

static void lines_of_another_form_are_malformed(void **state)
{
    static const struct {
        const char   *line;
        enum err_code code;
    } cases[] = {
        { "fan\tx\ty\tvalue=1", ERR_OK },
        { "fan\tx\t", ERR_OK },
        { "fan\tx\ty\tnew=1", ERR_OK },
        { "battery\tx\ty\tvalue=1.01", ERR_MALFORMED },
        { "battery\tx\ty\thealth=2", ERR_MALFORMED },
        { "fan\tx\ty\tvalue=nan", ERR_MALFORMED },
        { "fan\tx\ty\tvalue=-1", ERR_MALFORMED },
        { "fan\tx\ty\tvalue=1x", ERR_MALFORMED },
        { "fan\tx\ty\tvalue", ERR_MALFORMED },
        { "fan\tx", ERR_MALFORMED },
        { "fan\t\ty", ERR_MALFORMED },
        { "fan", ERR_MALFORMED },
        { "", ERR_MALFORMED },
        { "pump\tx\ty\tvalue=1", ERR_MALFORMED },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct plat_sensor s;

        if (sensorline_parse(cases[i].line, strlen(cases[i].line), &s).code != cases[i].code)
            fail_msg("\"%s\"", cases[i].line);
    }
}

static void what_is_printed_is_parsed(void **state)
{
    const struct plat_sensor given = { SENSOR_BATTERY, "BAT0", "a name", 0.87, NAN, 0.5, 1 };
    struct plat_sensor       got;
    struct buf               line;

    (void)state;
    buf_init(&line, 1024);
    assert_int_equal(sensorline_print(&given, &line).code, ERR_OK);
    assert_int_equal(sensorline_parse(line.data, line.len - 1, &got).code, ERR_OK);
    assert_true(got.kind == SENSOR_BATTERY && got.value == 0.87 && isnan(got.limit) && got.health == 0.5 &&
                got.discharging == 1);
    assert_string_equal(got.id, "BAT0");
    assert_string_equal(got.name, "a name");
    buf_done(&line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_desktop_has_chips_that_are_named_by_their_device),
        cmocka_unit_test(a_board_without_chips_has_its_thermal_zones),
        cmocka_unit_test(a_laptop_has_batteries_and_a_mouse_is_none_of_them),
        cmocka_unit_test(a_virtual_machine_has_nothing),
        cmocka_unit_test(lines_of_another_form_are_malformed),
        cmocka_unit_test(what_is_printed_is_parsed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
