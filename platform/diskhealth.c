#include "platform/diskhealth.h"

static const struct {
    const char *word, *text;
} answers[] = {
#define X(answer, word, text) [DISK_##answer] = { word, text },
    DISK_ANSWER_TABLE(X)
#undef X
};

const char *plat_disk_answer_word(enum plat_disk_answer answer)
{
    return answers[answer].word;
}

const char *plat_disk_answer_text(enum plat_disk_answer answer)
{
    return answers[answer].text;
}
