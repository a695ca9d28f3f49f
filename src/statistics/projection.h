/* Principal components of points in many dimensions. */
#ifndef CVY_STATISTICS_PROJECTION_H
#define CVY_STATISTICS_PROJECTION_H

#include <stddef.h>

#include "base/error.h"

/* The plane through the mean of some points that contains most of their variance. */
typedef struct {
    size_t count, dimensions;
    double *mean; /* [dimensions] */
    /* [dimensions] each: orthonormal, of either sign; 0 if points vary in fewer directions. */
    double *axes[2];
    double *coordinates; /* [count][2] projected points; the mean is 0, 0 */
    double share[2];     /* share of the variance along each axis */
} cvy_plane;

/**
 * Compute the principal components of `count` points, at least 2, with many more dimensions than
 * points: eigenvectors of the count x count matrix of inner products, by Jacobi rotations.
 * points  [count][dimensions]
 * plane   released with cvy_plane_release(), also after a failure
 * Sources: Jolliffe, Principal Component Analysis (2002), section 3.5, for the smaller matrix; Golub and Van
 * Loan, Matrix Computations (2013), section 8.5.
 * Returns CVY_ERR_MEMORY.
 */
cvy_status cvy_plane_find(const float *points, size_t count, size_t dimensions, cvy_plane *plane);
void cvy_plane_release(cvy_plane *plane);

/** Compute the eigenvalues of a symmetric matrix [n][n], which becomes diagonal, and eigenvectors
 *  as the columns of `vectors` [n][n]. */
void cvy_eigen_symmetric(double *matrix, size_t n, double *vectors);

#endif
