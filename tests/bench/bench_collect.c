/* What one round of the collectors that need no question costs: microseconds of CPU, figures, and with -v the figures themselves.
 *
 *   bench_collect [-v] [ROUNDS [PAUSE_MS]]
 *
 * A pause between rounds lets other programs have the caches, as they do between two wake-ups of the agent: that is
 * what a round costs in real life. Without one it is what the code costs. The first round, which opens everything, is
 * told apart. `strace -c -f bench_collect 1001` minus `bench_collect 1` is the number of system calls of 1000 rounds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent/collect/collect.h"
#include "platform/buf.h"

struct counter {
    struct sink sink;
    size_t      figures;
    bool        verbose;
};

static void on_sample(struct sink *self, const struct sample *sample)
{
    struct counter *c = container_of(self, struct counter, sink);
    char            value[64], instance[512];

    c->figures++;
    if (c->verbose)
        printf("%-38s %-34s %s\n", sample->metric->name,
               attrs_print(sample->attrs, sample->attr_count, instance, sizeof instance),
               metric_print(sample->metric, sample->value, value, sizeof value));
}

static double cpu_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static void one_round(struct counter *c)
{
    char text[256];

    c->figures = 0;
    for (size_t i = 0; i < collector_count; i++) {
        struct err e = err_ok();

        if (!collectors[i]->on_demand)
            e = collectors[i]->read(&c->sink);
        if (failed(e) && c->verbose)
            printf("%-38s %s\n", collectors[i]->name, err_print(e, text, sizeof text));
    }
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    bool            verbose = argc > 1 && strcmp(argv[1], "-v") == 0;
    int             rounds = argc > 1 + verbose ? atoi(argv[1 + verbose]) : 1000;
    int             pause_ms = argc > 2 + verbose ? atoi(argv[2 + verbose]) : 0;
    struct timespec pause = { pause_ms / 1000, pause_ms % 1000 * 1000000L };
    struct counter  c = { .sink = { on_sample } };
    double         *us = calloc((size_t)(rounds > 0 ? rounds : 1), sizeof *us);
    double          sum = 0, first = 0;

    if (!us || rounds < 1)
        return 2;
    for (int i = 0; i < rounds; i++) {
        double from = cpu_us();

        c.verbose = verbose && i == rounds - 1;
        one_round(&c);
        us[i] = cpu_us() - from;
        if (i == 0)
            first = us[i];
        else
            sum += us[i];
        if (pause_ms)
            nanosleep(&pause, NULL);
    }
    for (size_t i = 0; i < collector_count; i++)
        if (collectors[i]->done)
            collectors[i]->done();
    if (rounds > 1)
        qsort(us + 1, (size_t)rounds - 1, sizeof *us, compare);
    printf("rounds=%d pause_ms=%d figures=%zu first_us=%.1f mean_us=%.1f median_us=%.1f\n", rounds, pause_ms, c.figures,
           first, rounds > 1 ? sum / (rounds - 1) : first, rounds > 1 ? us[1 + (rounds - 1) / 2] : first);
    free(us);
    return 0;
}
