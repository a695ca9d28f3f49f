#include "statistics/laws.h"

#include <math.h>
#include <string.h>

double cvy_karp_flatt(double p, double s)
{
    return p > 1 ? (1 / s - 1 / p) / (1 - 1 / p) : NAN;
}

double cvy_gustafson(double p, double s)
{
    return p > 1 ? (p - s) / (p - 1) : NAN;
}

double cvy_amdahl(double serial_fraction, double p)
{
    return 1 / (serial_fraction + (1 - serial_fraction) / p);
}

double cvy_gustafson_speedup(double serial_fraction, double p)
{
    return p - serial_fraction * (p - 1);
}

static double as_fraction(double value)
{
    return fmin(fmax(value, 0), 1);
}

/* Compute f from the sums of a line through the origin, and the residual of the law. */
static cvy_serial_fit finish_fit(double products, double squares, size_t count, const double *p,
                                 const double *s, double (*law)(double fraction, double p))
{
    cvy_serial_fit fit = { .is_found = squares > 0 };
    double sum = 0;

    if (!fit.is_found)
        return fit;
    fit.serial_fraction = as_fraction(products / squares);
    for (size_t i = 0; i < count; i++)
        sum += pow(s[i] - law(fit.serial_fraction, p[i]), 2);
    fit.residual = sqrt(sum / (double)count);
    return fit;
}

/* 1/s - 1/p = f (1 - 1/p) */
cvy_serial_fit cvy_fit_amdahl(size_t count, const double *p, const double *s)
{
    double products = 0, squares = 0;

    for (size_t i = 0; i < count; i++) {
        products += (1 / s[i] - 1 / p[i]) * (1 - 1 / p[i]);
        squares += (1 - 1 / p[i]) * (1 - 1 / p[i]);
    }
    return finish_fit(products, squares, count, p, s, cvy_amdahl);
}

/* p - s = f (p - 1) */
cvy_serial_fit cvy_fit_gustafson(size_t count, const double *p, const double *s)
{
    double products = 0, squares = 0;

    for (size_t i = 0; i < count; i++) {
        products += (p[i] - s[i]) * (p[i] - 1);
        squares += (p[i] - 1) * (p[i] - 1);
    }
    return finish_fit(products, squares, count, p, s, cvy_gustafson_speedup);
}

/* --- the universal scalability law ---
 *
 * p / x = a + b (p - 1) + c p (p - 1) with a = 1 / lambda, b = sigma a, c = kappa a is linear, and
 * with weights x^4 / p^2 its least squares are those of x to first order. Repeating it with weights
 * from the fitted instead of the measured x converges to the least squares of x: this is the
 * Gauss-Newton step, since the derivative of x with respect to a term of the sum is -x^2 / p times
 * that term. */

enum { TERMS = 3, ROUNDS = 100 };

static double term_of(size_t term, double p)
{
    return term == 0 ? 1 : term == 1 ? p - 1 : p * (p - 1);
}

static double fitted(const double value[TERMS], double p)
{
    double sum = 0;
    for (size_t t = 0; t < TERMS; t++)
        sum += value[t] * term_of(t, p);
    return p / sum;
}

static double squared_error(size_t count, const double *p, const double *x,
                            const double value[TERMS])
{
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += pow(x[i] - fitted(value, p[i]), 2);
    return sum;
}

/* Solve the symmetric system of the used terms by elimination; false if it has no solution. */
static bool solve(double matrix[TERMS][TERMS + 1], const bool used[TERMS], double solution[TERMS])
{
    for (size_t k = 0; k < TERMS; k++) {
        if (!used[k])
            continue;
        if (fabs(matrix[k][k]) < 1e-300)
            return false;
        for (size_t row = 0; row < TERMS; row++) {
            if (row == k || !used[row])
                continue;
            const double factor = matrix[row][k] / matrix[k][k];
            for (size_t column = 0; column <= TERMS; column++)
                matrix[row][column] -= factor * matrix[k][column];
        }
    }
    for (size_t k = 0; k < TERMS; k++)
        solution[k] = used[k] ? matrix[k][TERMS] / matrix[k][k] : 0;
    return true;
}

/* Compute one weighted least-squares solution. If guess is NULL, the measured x replace the fitted.
 * The numbers are scaled so that every term is at most 1. */
static bool improve(size_t count, const double *p, const double *x, const bool used[TERMS],
                    const double *guess, double value[TERMS])
{
    double matrix[TERMS][TERMS + 1] = { { 0 } }, largest = 1, top = 0;

    for (size_t i = 0; i < count; i++) {
        largest = fmax(largest, p[i]);
        top = fmax(top, x[i]);
    }
    const double scale[TERMS] = { 1, 1 / largest, 1 / (largest * largest) };
    for (size_t i = 0; i < count; i++) {
        const double y = guess != NULL ? fitted(guess, p[i]) : x[i];
        const double weight = pow(y / top, 2) / p[i], sum = p[i] / y;
        /* the residual x - y, and the sum at which it would vanish */
        const double target = weight * (sum - (x[i] - y) * p[i] / (y * y)) * top;
        for (size_t row = 0; row < TERMS; row++) {
            const double of_row = weight * term_of(row, p[i]) * scale[row];
            for (size_t column = 0; column < TERMS; column++)
                matrix[row][column] += of_row * weight * term_of(column, p[i]) * scale[column];
            matrix[row][TERMS] += of_row * target;
        }
    }
    if (!solve(matrix, used, value))
        return false;
    for (size_t t = 0; t < TERMS; t++)
        value[t] *= scale[t] / top;
    return true;
}

/* Whether every fitted x is a valid throughput. */
static bool is_sound(size_t count, const double *p, const double value[TERMS])
{
    for (size_t i = 0; i < count; i++)
        if (!(fitted(value, p[i]) > 0 && isfinite(fitted(value, p[i]))))
            return false;
    return value[0] > 0 && value[1] >= 0 && value[2] >= 0;
}

/* Find the best values of the used terms, halving steps that increase the residual. */
static bool fit_terms(size_t count, const double *p, const double *x, const bool used[TERMS],
                      double value[TERMS])
{
    if (!improve(count, p, x, used, NULL, value) || !is_sound(count, p, value))
        return false;
    for (size_t round = 0; round < ROUNDS; round++) {
        double next[TERMS], step = 1;
        if (!improve(count, p, x, used, value, next))
            break;
        const double before = squared_error(count, p, x, value);
        double trial[TERMS];
        do {
            for (size_t t = 0; t < TERMS; t++)
                trial[t] = value[t] + step * (next[t] - value[t]);
            step /= 2;
        } while (step > 1e-6 &&
                 (!is_sound(count, p, trial) || squared_error(count, p, x, trial) > before));
        if (!is_sound(count, p, trial) || !(squared_error(count, p, x, trial) < before))
            break;
        memcpy(value, trial, sizeof trial);
    }
    return true;
}

static size_t count_different(size_t count, const double *p)
{
    size_t different = 0;

    for (size_t i = 0; i < count; i++) {
        bool is_new = true;
        for (size_t k = 0; k < i; k++)
            is_new = is_new && p[k] != p[i];
        different += is_new;
    }
    return different;
}

static cvy_usl describe(size_t count, const double *p, const double *x, const double value[TERMS])
{
    cvy_usl usl = { .is_found = true,
                    .lambda = 1 / value[0],
                    .sigma = value[1] / value[0],
                    .kappa = value[2] / value[0],
                    .residual = sqrt(squared_error(count, p, x, value) / (double)count) };

    if (usl.kappa > 0) {
        usl.peak_p = usl.sigma < 1 ? fmax(sqrt((1 - usl.sigma) / usl.kappa), 1) : 1;
        usl.peak_x = cvy_usl_throughput(&usl, usl.peak_p);
    } else {
        usl.peak_p = HUGE_VAL;
        usl.peak_x = usl.sigma > 0 ? usl.lambda / usl.sigma : HUGE_VAL;
    }
    return usl;
}

/* Fixing sigma or kappa at 0 gives three more laws; choose the best admissible one of the four. */
cvy_usl cvy_fit_usl(size_t count, const double *p, const double *x)
{
    static const bool choices[][TERMS] = {
        { true, true, true }, { true, true, false }, { true, false, true }, { true, false, false }
    };
    double best[TERMS] = { 0 }, best_error = HUGE_VAL;

    if (count_different(count, p) < TERMS)
        return (cvy_usl){ 0 };
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++) {
        double value[TERMS];
        if (!fit_terms(count, p, x, choices[i], value))
            continue;
        const double error = squared_error(count, p, x, value);
        if (error < best_error * (1 - 1e-9)) {
            best_error = error;
            memcpy(best, value, sizeof value);
        }
    }
    return best[0] > 0 ? describe(count, p, x, best) : (cvy_usl){ 0 };
}

double cvy_usl_throughput(const cvy_usl *usl, double p)
{
    return usl->lambda * p / (1 + usl->sigma * (p - 1) + usl->kappa * p * (p - 1));
}
