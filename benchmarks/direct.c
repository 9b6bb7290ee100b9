/* The direct method for eight paths in step, written by hand for one network each: what `cmelab.kernels.lanes` does with
   tables for every network. The streams are the same and so are the counts: bench_simulation.py compares them all.

   cc -O3 -march=native -ffp-contract=off -shared -fPIC -o direct.so direct.c                                          */
#include <math.h>
#include <stdint.h>
#include <string.h>

enum { LANES = 8, BLOCKS = 2, MOST = 50 };
typedef double Floats __attribute__((vector_size(64)));
typedef uint64_t Bits __attribute__((vector_size(64)));
typedef int64_t Mask __attribute__((vector_size(64)));
typedef struct { Floats x[MOST], t, due; Bits s[4]; int64_t row[LANES], path[LANES]; int alive; } Block;

static uint64_t split(uint64_t *x) {
    uint64_t z = (*x += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static inline Bits advance(Bits *s) {
    Bits sum = s[0] + s[3], bits = ((sum << 23) | (sum >> 41)) + s[0], t = s[1] << 17;
    s[2] ^= s[0]; s[3] ^= s[1]; s[1] ^= s[2]; s[0] ^= s[3]; s[2] ^= t;
    s[3] = (s[3] << 45) | (s[3] >> 19);
    return bits;
}

static inline Floats uniform(Bits bits) { return (Floats)((bits >> 12) | 0x3FF0000000000000u) - 1.0; }

static inline Floats exponential(Bits bits) {
    Floats z = uniform(bits) + 0x1p-53;
    Bits parts = (Bits)z + (0x3FF0000000000000u - 0x3FE6A09E667F3BCDu);
    Floats k = (Floats)((parts >> 52) | 0x4330000000000000u) - (0x1p52 + 1023.0);
    Floats f = (Floats)((parts & 0x000FFFFFFFFFFFFFu) + 0x3FE6A09E667F3BCDu) - 1.0;
    Floats s = f / (2.0 + f), w = s * s, ww = w * w;
    Floats even = ww * (3.999999999940941908e-01 + ww * (2.222219843214978396e-01 + ww * 1.531383769920937332e-01));
    Floats odd = w * (6.666666666666735130e-01 + ww * (2.857142874366239149e-01
                 + ww * (1.818357216161805012e-01 + ww * 1.479819860510658591e-01)));
    Floats half = 0.5 * f * f;
    return ((half - (s * (half + (even + odd)) + k * 1.90821492927058770002e-10)) - f) - k * 6.93147180369123816490e-01;
}

static inline Floats where(Mask m, Floats yes, Floats no) { return (Floats)((m & (Mask)yes) | (~m & (Mask)no)); }

static inline int any(Mask m) {
    int64_t all = 0;
    for (int i = 0; i < LANES; i++) all |= m[i];
    return all != 0;
}

/* Every lane of one block fires one reaction, where `go` says so. network: 0 birth-death, 1 dimerisation, 2 chain. */
static inline __attribute__((always_inline)) Floats total(int network, Floats *x, Floats *sums) {
    Floats zero = {0};
    if (network == 0) { sums[1] = zero + 10.0; sums[2] = sums[1] + 0.1 * x[0]; return sums[2]; }
    if (network == 1) {
        sums[1] = 1.66e-3 / 2.0 * x[0] * (x[0] - 1.0);
        sums[2] = sums[1] + 0.2 * x[1];
        return sums[2];
    }
    sums[1] = zero + 10.0;
    for (int j = 0; j < 50; j++) sums[j + 2] = sums[j + 1] + x[j];
    return sums[51];
}

static inline __attribute__((always_inline)) void fire(int network, Floats *x, Floats *sums, Floats target, Mask go) {
    Floats zero = {0}, one = zero + 1.0;
    if (network == 0) x[0] += where(go, where(target < sums[1], one, -one), zero);
    if (network == 1) {
        Floats pairs = where(go, where(target < sums[1], one, -one), zero);
        x[0] -= 2.0 * pairs;
        x[1] += pairs;
    }
    if (network == 2) {
        Mask below = target < sums[1], next;
        for (int j = 0; j < 50; j++, below = next) {
            next = target < sums[j + 2];
            x[j] += where(go & below & ~(Mask)((Floats)(j ? (Mask)(target < sums[j]) : (Mask)zero)), one, zero)
                  - where(go & next & ~below, one, zero);
        }
    }
}

static void take(Block *b, int lane, int64_t p, uint64_t seed, int species, const double *start, double due) {
    uint64_t x = seed ^ ((uint64_t)p * 0xD1342543DE82EF95u + 0x632BE59BD9B4E019u);
    for (int i = 0; i < 4; i++) b->s[i][lane] = split(&x);
    for (int s = 0; s < species; s++) b->x[s][lane] = start[s];
    b->t[lane] = 0.0; b->due[lane] = due; b->row[lane] = 0; b->path[lane] = p; b->alive |= 1 << lane;
}

static inline __attribute__((always_inline)) int64_t walk_one(int network, int species, int64_t paths, int64_t rows,
        const double *times, const double *start, uint64_t seed, int64_t *out) {
    static _Thread_local Block blocks[BLOCKS];
    int64_t queue = 0, events = 0, left = paths;
    memset(blocks, 0, sizeof blocks);
    for (int i = 0; i < BLOCKS * LANES && queue < paths; i++, queue++)
        take(&blocks[i / LANES], i % LANES, queue, seed, species, start, times[0]);
    while (left > 0)
        for (int k = 0; k < BLOCKS; k++) {
            Block *b = &blocks[k];
            Floats sums[MOST + 2] = {{0}};
            Bits s[4] = {b->s[0], b->s[1], b->s[2], b->s[3]}, wait = advance(s), share = advance(s);
            Floats a0 = total(network, b->x, sums), later = b->t + exponential(wait) * (1.0 / a0);
            Mask go = later <= b->due;
            fire(network, b->x, sums, uniform(share) * a0, go);
            for (int i = 0; i < 4; i++) b->s[i] = (Bits)where(go, (Floats)s[i], (Floats)b->s[i]);
            b->t = where(go, later, b->t);
            if (!any(~go)) { events += LANES; continue; }
            for (int i = 0; i < LANES; i++) {
                if (!((b->alive >> i) & 1)) continue;
                if (go[i]) { events++; continue; }
                int64_t row = b->row[i], p = b->path[i];
                for (; row < rows && times[row] < later[i]; row++)
                    for (int q = 0; q < species; q++) out[(p * rows + row) * species + q] = (int64_t)b->x[q][i];
                b->row[i] = row;
                b->due[i] = row < rows ? times[row] : -INFINITY;
                if (row < rows) continue;
                b->alive &= ~(1 << i);
                left--;
                if (queue < paths) take(b, i, queue++, seed, species, start, times[0]);
            }
        }
    return events;
}

/* Fills out (paths, rows, species); returns the events fired. */
int64_t walk(int network, int64_t paths, int64_t rows, const double *times, const double *start, uint64_t seed,
             int64_t *out) {
    if (network == 0) return walk_one(0, 1, paths, rows, times, start, seed, out);
    if (network == 1) return walk_one(1, 2, paths, rows, times, start, seed, out);
    return walk_one(2, 50, paths, rows, times, start, seed, out);
}
