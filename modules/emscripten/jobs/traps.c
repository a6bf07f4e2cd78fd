/* C's own failure, and what a new instance is asked after it. C has nothing to recover with: see exceptions.cpp. */
#include <stdlib.h>

#include "export.h"

EXPORT(fail_panic) void fail_panic(void) {
    abort();
}

EXPORT(after) int after(int x) {
    return x * 2 + 1;
}
