#include "agent/collect/collect.h"

#include <string.h>

#include "platform/buf.h"

const struct collector *const collectors[] = {
#define X(name) &collect_##name,
    COLLECTOR_TABLE(X)
#undef X
};

const size_t collector_count = ARRAY_LEN(collectors);

const struct metric *metric_find(const char *name)
{
    for (size_t i = 0; i < collector_count; i++)
        for (size_t k = 0; k < collectors[i]->metric_count; k++)
            if (strcmp(collectors[i]->metrics[k].name, name) == 0)
                return &collectors[i]->metrics[k];
    return NULL;
}
