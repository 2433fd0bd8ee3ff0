#include "platform/filesystems.h"

#include "platform/windows/wide.h"

/* A drive that does not answer is left out. Windows does not take the right to write away from one that has errors. */
static void ask(const wchar_t *root, plat_filesystem_fn *each, void *context)
{
    wchar_t        type[32] = L"", volume[64] = L"";
    char           mount_point[16], device[128], type_text[64];
    DWORD          flags = 0;
    ULARGE_INTEGER available, total, empty;

    if (!GetDiskFreeSpaceExW(root, &available, &total, &empty) || total.QuadPart == 0 ||
        !GetVolumeInformationW(root, NULL, 0, NULL, NULL, &flags, type, ARRAYSIZE(type)) ||
        (flags & FILE_READ_ONLY_VOLUME))
        return;
    if (!GetVolumeNameForVolumeMountPointW(root, volume, ARRAYSIZE(volume)))
        volume[0] = L'\0';
    wide_print(root, mount_point, sizeof mount_point);
    wide_print(volume, device, sizeof device);
    wide_print(type, type_text, sizeof type_text);
    each(context, &(struct plat_filesystem){
                      .mount_point = mount_point,
                      .device = device,
                      .type = type_text,
                      .total_bytes = total.QuadPart,
                      .used_bytes = total.QuadPart - empty.QuadPart,
                      .available_bytes = available.QuadPart,
                  });
}

/* Fixed drives with a letter. Removable ones are not asked: a floppy or card reader may take seconds to say that it is
 * empty. */
struct err plat_filesystems_read(plat_filesystem_fn *each, void *context)
{
    DWORD drives = GetLogicalDrives();

    if (drives == 0)
        return wide_error("reading the list of file systems");
    for (wchar_t letter = L'A'; letter <= L'Z'; letter++) {
        const wchar_t root[] = { letter, L':', L'\\', L'\0' };

        if ((drives & (1u << (letter - L'A'))) && GetDriveTypeW(root) == DRIVE_FIXED)
            ask(root, each, context);
    }
    return err_ok();
}

void plat_filesystems_done(void)
{
}
