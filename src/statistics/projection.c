#include "statistics/projection.h"

#include <math.h>
#include <stdint.h>

#include "base/memory.h"

/* --- eigenvalues --- */

/* Zero the element (p, q) by a rotation in the plane of p and q. */
static void rotate(double *a, size_t n, size_t p, size_t q, double *v)
{
    const double theta = (a[q * n + q] - a[p * n + p]) / (2 * a[p * n + q]);
    const double t = (theta >= 0 ? 1 : -1) / (fabs(theta) + sqrt(theta * theta + 1));
    const double c = 1 / sqrt(t * t + 1), s = t * c;

    for (size_t i = 0; i < n; i++) {
        const double x = a[i * n + p], y = a[i * n + q];
        a[i * n + p] = c * x - s * y;
        a[i * n + q] = s * x + c * y;
    }
    for (size_t i = 0; i < n; i++) {
        const double x = a[p * n + i], y = a[q * n + i];
        a[p * n + i] = c * x - s * y;
        a[q * n + i] = s * x + c * y;
    }
    for (size_t i = 0; i < n; i++) {
        const double x = v[i * n + p], y = v[i * n + q];
        v[i * n + p] = c * x - s * y;
        v[i * n + q] = s * x + c * y;
    }
}

void cvy_eigen_symmetric(double *a, size_t n, double *v)
{
    enum { SWEEPS_MAX = 60 };
    double all = 0;

    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < n; k++) {
            v[i * n + k] = i == k;
            all += a[i * n + k] * a[i * n + k];
        }
    for (size_t sweep = 0; sweep < SWEEPS_MAX; sweep++) {
        double rest = 0;
        for (size_t p = 0; p < n; p++)
            for (size_t q = p + 1; q < n; q++)
                rest += a[p * n + q] * a[p * n + q];
        if (!(rest > 1e-30 * all))
            return;
        for (size_t p = 0; p < n; p++)
            for (size_t q = p + 1; q < n; q++)
                if (a[p * n + q] != 0)
                    rotate(a, n, p, q, v);
    }
}

/* --- the plane --- */

static cvy_status allocate(cvy_plane *plane, double **products, double **vectors)
{
    const size_t n = plane->count;
    cvy_status status = cvy_memory_create(plane->dimensions, sizeof(double), &plane->mean);

    for (size_t k = 0; status == CVY_OK && k < 2; k++)
        status = cvy_memory_create(plane->dimensions, sizeof(double), &plane->axes[k]);
    if (status == CVY_OK)
        status = cvy_memory_create(n, 2 * sizeof(double), &plane->coordinates);
    if (status == CVY_OK)
        status = cvy_memory_create(n, n * sizeof(double), products);
    return status == CVY_OK ? cvy_memory_create(n, n * sizeof(double), vectors) : status;
}

/* Compute inner products of the points minus their mean, one slice of dimensions at a time, which
 * fits the cache. */
static void multiply(const cvy_plane *plane, const float *points, double *products)
{
    enum { SLICE = 512 };
    const size_t n = plane->count, all = plane->dimensions;

    for (size_t first = 0; first < all; first += SLICE) {
        const size_t end = all - first < SLICE ? all : first + SLICE;
        for (size_t i = 0; i < n; i++)
            for (size_t k = 0; k <= i; k++) {
                const float *a = points + i * all, *b = points + k * all;
                double sum = 0;
                for (size_t d = first; d < end; d++)
                    sum += ((double)a[d] - plane->mean[d]) * ((double)b[d] - plane->mean[d]);
                products[i * n + k] += sum;
            }
    }
    for (size_t i = 0; i < n; i++)
        for (size_t k = i + 1; k < n; k++)
            products[i * n + k] = products[k * n + i];
}

/* Compute axis k from eigenvector `which`. */
static void fill_axis(cvy_plane *plane, const float *points, const double *vectors, size_t which,
                      size_t k, double value)
{
    const size_t n = plane->count, all = plane->dimensions;
    const double length = sqrt(value);

    for (size_t i = 0; i < n; i++) {
        const double weight = vectors[i * n + which];
        plane->coordinates[2 * i + k] = weight * length;
        for (size_t d = 0; d < all; d++)
            plane->axes[k][d] += weight / length * ((double)points[i * all + d] - plane->mean[d]);
    }
}

static size_t largest(const double *products, size_t n, size_t other_than)
{
    size_t found = other_than == 0 ? 1 : 0;

    for (size_t i = 0; i < n; i++)
        if (i != other_than && products[i * n + i] > products[found * n + found])
            found = i;
    return found;
}

cvy_status cvy_plane_find(const float *points, size_t count, size_t dimensions, cvy_plane *plane)
{
    double *products = NULL, *vectors = NULL, total = 0;

    *plane = (cvy_plane){ .count = count, .dimensions = dimensions };
    cvy_status status = allocate(plane, &products, &vectors);
    if (status == CVY_OK) {
        for (size_t i = 0; i < count; i++)
            for (size_t d = 0; d < dimensions; d++)
                plane->mean[d] += (double)points[i * dimensions + d] / (double)count;
        multiply(plane, points, products);
        for (size_t i = 0; i < count; i++)
            total += products[i * count + i];
        cvy_eigen_symmetric(products, count, vectors);
        for (size_t k = 0, other = SIZE_MAX; k < 2; k++) {
            const size_t which = largest(products, count, other);
            const double value = products[which * count + which];
            if (value > 1e-12 * total) {
                plane->share[k] = value / total;
                fill_axis(plane, points, vectors, which, k, value);
            }
            other = which;
        }
    }
    cvy_memory_free(products);
    cvy_memory_free(vectors);
    return status;
}

void cvy_plane_release(cvy_plane *plane)
{
    cvy_memory_free(plane->mean);
    cvy_memory_free(plane->axes[0]);
    cvy_memory_free(plane->axes[1]);
    cvy_memory_free(plane->coordinates);
    *plane = (cvy_plane){ 0 };
}
