#include <stdio.h>
#include <string.h>

#include "version.h"

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        printf("picket %s\n", PICKET_VERSION);
        return 0;
    }
    fprintf(stderr, "usage: picket --version\n");
    return 2;
}
