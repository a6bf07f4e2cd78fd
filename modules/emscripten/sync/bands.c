/* What the workers do each on a band of the data. */
#include "../mandelbrot.h"
#include "locks.h"

/* Merges two sorted runs, from … middle and middle … to, over the room at `out`. */
static void merge(int32_t *data, int32_t *out, int32_t from, int32_t middle, int32_t to) {
    int32_t a = from, b = middle;
    for (int32_t i = from; i < to; i++) out[i] = b == to || (a < middle && data[a] <= data[b]) ? data[a++] : data[b++];
    for (int32_t i = from; i < to; i++) data[i] = out[i];
}

static void merge_sort(int32_t *data, int32_t *out, int32_t from, int32_t to) {
    if (to - from < 2) return;
    int32_t middle = from + (to - from) / 2;
    merge_sort(data, out, from, middle);
    merge_sort(data, out, middle, to);
    merge(data, out, from, middle, to);
}

/* Each sorts its band; then neighbours' bands are merged, until there is one. */
int sort(int tid, struct control *control) {
    struct barrier *barrier = SHARED(struct barrier, control);
    int32_t *data = control->data, *out = control->out;
    int workers = control->workers;
    merge_sort(data, out, border(control, tid), border(control, tid + 1));
    barrier_wait(barrier, workers);
    for (int bands = 1; bands < workers; bands *= 2) {
        if (tid % (2 * bands) == 0 && tid + bands < workers) {
            int end = tid + 2 * bands < workers ? tid + 2 * bands : workers;
            merge(data, out, border(control, tid), border(control, tid + bands), border(control, end));
        }
        barrier_wait(barrier, workers);
    }
    return 0;
}

int mandelbrot(int tid, struct control *control) {
    int n = control->length;
    int32_t *out = control->out;
    double scale = 1.0 / n;
    for (int y = border(control, tid); y < border(control, tid + 1); y++)
        for (int x = 0; x < n; x++)
            out[y * n + x] = steps(3 * (x * scale) - 2, 3 * (y * scale) - 1.5, control->iterations);
    return 0;
}

int matmul(int tid, struct control *control) {
    int n = control->length;
    const float *a = control->data, *b = a + n * n;
    float *c = control->out;
    for (int i = border(control, tid); i < border(control, tid + 1); i++) {
        for (int j = 0; j < n; j++) c[i * n + j] = 0;
        for (int k = 0; k < n; k++)
            for (int j = 0; j < n; j++) c[i * n + j] += a[i * n + k] * b[k * n + j];
    }
    return 0;
}
