/* The stress and its gradient in C, the yardstick of kernels.py: the form of src/mdsbench/mds/kernels.py, row by row.
 *
 * Compiled once with -DREAL=double and once with -DREAL=float. Conventions of src/mdsbench/mds/stress.py: x is flat,
 * shape (2n,), D condensed, shape (n(n-1)/2,); every pair counts twice; a coincident pair pulls nothing. In `arcs`,
 * V are the points on the unit sphere, shape (3, n).
 */
#include <math.h>
#include <omp.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 256, COLUMNS = 4096 };

static long smaller(long a, long b) { return a < b ? a : b; }
static long larger(long a, long b) { return a > b ? a : b; }

/* Rows of as many pairs for each of `tasks`: the first of task t. */
static long first_row(long n, int t, int tasks) { return (long)(n - n * sqrt(1.0 - (double)t / tasks)); }

static REAL row(REAL xi, REAL yi, long m, const REAL *restrict X, const REAL *restrict Y, const REAL *restrict D,
                REAL *restrict px, REAL *restrict py, REAL *restrict force)
{
    const REAL least = sizeof(REAL) == 8 ? 1e-154 : 1e-19;
    REAL total = 0, fx = 0, fy = 0;
#pragma omp simd reduction(+ : total, fx, fy)
    for (long k = 0; k < m; k++) {
        REAL dx = xi - X[k], dy = yi - Y[k];
        REAL d = sizeof(REAL) == 8 ? sqrt(dx * dx + dy * dy) : sqrtf(dx * dx + dy * dy);
        REAL e = d - D[k], w = e / (d > least ? d : least);
        total += e * e;
        fx += w * dx;
        fy += w * dy;
        px[k] += w * dx;
        py[k] += w * dy;
    }
    force[0] = fx;
    force[1] = fy;
    return total;
}

/* 2 asin(chord / 2) radius, from point i to those from j on. */
static void fill(const REAL *V, double radius, long n, long i, long j, long m, REAL *restrict D)
{
    const REAL *A = V + j, *B = V + n + j, *C = V + 2 * n + j, a = V[i], b = V[n + i], c = V[2 * n + i];
    const REAL diameter = 2 * radius, half = 0.5, one = 1;
#pragma omp simd
    for (long k = 0; k < m; k++) {
        REAL dx = a - A[k], dy = b - B[k], dz = c - C[k], square = dx * dx + dy * dy + dz * dz;
        REAL s = half * (sizeof(REAL) == 8 ? sqrt(square) : sqrtf(square));
        s = s < one ? s : one;
        D[k] = diameter * (sizeof(REAL) == 8 ? asin(s) : asinf(s));
    }
}

static double rows(const REAL *X, const REAL *Y, const REAL *D, const REAL *V, double radius, long n, long begin,
                   long end, double *pull)
{
    REAL px[COLUMNS], py[COLUMNS], arcs[COLUMNS], force[2];
    double total = 0;
    for (long top = begin; top < end; top += ROWS) {
        long bottom = smaller(top + ROWS, end);
        for (long left = top + 1; left < n; left += COLUMNS) {
            long right = smaller(left + COLUMNS, n);
            memset(px, 0, (right - left) * sizeof(REAL));
            memset(py, 0, (right - left) * sizeof(REAL));
            for (long i = top; i < smaller(bottom, right - 1); i++) {
                long j = larger(left, i + 1);
                const REAL *targets = D ? D + i * (2 * n - i - 1) / 2 + j - i - 1 : arcs;
                if (!D)
                    fill(V, radius, n, i, j, right - j, arcs);
                total += row(X[i], Y[i], right - j, X + j, Y + j, targets, px + j - left, py + j - left, force);
                pull[2 * i] += force[0];
                pull[2 * i + 1] += force[1];
            }
            for (long j = left; j < right; j++) {
                pull[2 * j] -= px[j - left];
                pull[2 * j + 1] -= py[j - left];
            }
        }
    }
    return total;
}

/* The stress; its gradient into `gradient`. D or V may be NULL, and then the other is read. */
double value_and_gradient(long n, const double *x, const REAL *D, const REAL *V, double radius, double *gradient,
                          int tasks)
{
    REAL *X = malloc(2 * n * sizeof(REAL)), *Y = X + n;
    double *pulls = calloc(2 * n * tasks, sizeof(double)), total = 0;
    for (long i = 0; i < n; i++) {
        X[i] = x[2 * i];
        Y[i] = x[2 * i + 1];
    }
#pragma omp parallel for num_threads(tasks) schedule(static, 1) reduction(+ : total)
    for (int t = 0; t < tasks; t++)
        total += rows(X, Y, D, V, radius, n, first_row(n, t, tasks), first_row(n, t + 1, tasks), pulls + 2 * n * t);
    for (long k = 0; k < 2 * n; k++) {
        double sum = 0;
        for (int t = 0; t < tasks; t++)
            sum += pulls[2 * n * t + k];
        gradient[k] = 4 * sum;
    }
    free(X);
    free(pulls);
    return 2 * total;
}

/* What the arithmetic alone allows: a root and a division a pair, all threads, from the nearest cache; seconds. */
double root_and_division(long pairs, int threads)
{
    double sum = 0, begin = omp_get_wtime();
#pragma omp parallel num_threads(threads) reduction(+ : sum)
    {
        REAL a[COLUMNS], b[COLUMNS];
        for (int k = 0; k < COLUMNS; k++) {
            a[k] = 1 + k;
            b[k] = 2 + k;
        }
        for (long done = 0; done < pairs / threads; done += COLUMNS) {
            REAL part = 0;
#pragma omp simd reduction(+ : part)
            for (int k = 0; k < COLUMNS; k++)
                part += a[k] / (sizeof(REAL) == 8 ? sqrt(b[k]) : sqrtf(b[k]));
            sum += part;
            a[done / COLUMNS % COLUMNS] += 1; /* so that no pass can be left out */
        }
    }
    double seconds = omp_get_wtime() - begin;
    return sum > 0 ? seconds : -seconds;
}
