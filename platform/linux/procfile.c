#include "platform/linux/procfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { FIRST_ROOM = 2048 };

int procfile_descriptor(const struct procfile *file)
{
    return file->fd_1 - 1;
}

static void close_descriptor(struct procfile *file)
{
    if (file->fd_1)
        close(file->fd_1 - 1);
    file->fd_1 = 0;
}

void procfile_drop(struct procfile *file)
{
    free(file->text);
    file->text = NULL; /* room stays: that much it will need again */
}

void procfile_close(struct procfile *file)
{
    close_descriptor(file);
    procfile_drop(file);
    file->room = 0;
}

static struct err open_descriptor(struct procfile *file)
{
    int fd = open(file->path, O_RDONLY | O_CLOEXEC);

    if (fd < 0) {
        struct err e = err_from_os(errno, file->step);

        if (e.code == ERR_NOT_FOUND)
            e.code = ERR_UNSUPPORTED;
        return e;
    }
    file->fd_1 = fd + 1;
    return err_ok();
}

static struct err make_room(struct procfile *file, size_t len)
{
    size_t first = file->max_bytes < FIRST_ROOM ? file->max_bytes : FIRST_ROOM;
    size_t room = file->room ? file->room : first;
    char  *text;

    if (len == room)
        room *= 2;
    if (file->text && room == file->room)
        return err_ok();
    if (room > file->max_bytes)
        return err_of(ERR_TOO_BIG, file->step);
    text = realloc(file->text, room + 1);
    if (!text)
        return err_of(ERR_NO_MEMORY, file->step);
    file->text = text;
    file->room = room;
    return err_ok();
}

static struct err read_all(struct procfile *file, size_t *ret_len)
{
    size_t len = 0;

    for (;;) {
        struct err e = make_room(file, len);
        size_t     asked = file->room - len;
        ssize_t    got;

        if (failed(e))
            return e;
        got = pread(file->fd_1 - 1, file->text + len, asked, (off_t)len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_from_os(errno, file->step);
        len += (size_t)got;
        if (got == 0 || (!file->rows && (size_t)got < asked))
            break;
    }
    file->text[len] = '\0';
    *ret_len = len;
    return err_ok();
}

/* What the system refused is closed, so that the next try opens it anew. */
static struct err try_once(struct procfile *file, size_t *ret_len)
{
    struct err e = file->fd_1 ? err_ok() : open_descriptor(file);

    if (failed(e))
        return e;
    e = read_all(file, ret_len);
    if (failed(e) && e.os)
        close_descriptor(file);
    return e;
}

struct err procfile_read(struct procfile *file, const char **ret_text, size_t *ret_len)
{
    bool       kept = file->fd_1 != 0;
    struct err e = try_once(file, ret_len);

    if (failed(e) && e.os && kept)
        e = try_once(file, ret_len);
    if (!failed(e))
        *ret_text = file->text;
    return e;
}
