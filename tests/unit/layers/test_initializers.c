/* Initializers against their formulas: limits, mean, spread and shape of the distribution. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "layers/initializer.h"
#include "support/numbers.h"

static const cvy_random_stream stream = { 42, CVY_RANDOM_WEIGHTS, 3 };

/* A distribution by its name and one number: fourth moment over squared variance. */
typedef enum { FIXED, UNIFORM, NORMAL, TRUNCATED } distribution;

/* The normal distribution cut at two standard deviations: its own standard deviation, and its
 * kurtosis, from E x^2 = 1 - 2 a p / z and E x^4 = 3 E x^2 - 2 a^3 p / z with a = 2, p the density
 * at 2 and z the share within. */
static const double truncated_stddev = 0.87962566, truncated_kurtosis = 2.36553;

typedef struct {
    const char *spec;
    size_t rank, dims[4];
    distribution form;
    double mean, stddev;
} initializer_case;

/* Fans of {100, 200} are 100 and 200, of {5, 5, 8, 120} 200 and 3000, of a vector its length. */
static const initializer_case cases[] = {
    { "glorot_uniform", 2, { 100, 200 }, UNIFORM, 0, 0.0816496581 }, /* sqrt(2 / 300) */
    { "glorot_uniform", 4, { 5, 5, 8, 120 }, UNIFORM, 0, 0.025 },    /* sqrt(2 / 3200) */
    { "glorot_uniform", 1, { 20000 }, UNIFORM, 0, 0.00707106781 },   /* sqrt(1 / 20000) */
    { "glorot_normal", 2, { 100, 200 }, TRUNCATED, 0, 0.0816496581 },
    { "glorot_normal", 4, { 5, 5, 8, 120 }, TRUNCATED, 0, 0.025 },
    { "he_uniform", 2, { 200, 100 }, UNIFORM, 0, 0.1 }, /* sqrt(2 / 200) */
    { "he_normal", 4, { 5, 5, 8, 120 }, TRUNCATED, 0, 0.1 },
    { "lecun_uniform", 2, { 100, 200 }, UNIFORM, 0, 0.1 }, /* sqrt(1 / 100) */
    { "lecun_normal", 2, { 100, 200 }, TRUNCATED, 0, 0.1 },
    { "random_uniform", 2, { 100, 200 }, UNIFORM, 0, 0.0288675135 }, /* 0.1 / sqrt 12 */
    { "random_uniform:minval=-1,maxval=3", 1, { 20000 }, UNIFORM, 1, 1.15470054 },
    { "random_normal", 2, { 100, 200 }, NORMAL, 0, 0.05 },
    { "random_normal:mean=1,stddev=2", 2, { 100, 200 }, NORMAL, 1, 2 },
    { "truncated_normal", 2, { 100, 200 }, TRUNCATED, 0, 0.05 * 0.87962566 },
    { "truncated_normal:mean=-3,stddev=2", 2, { 100, 200 }, TRUNCATED, -3, 2 * 0.87962566 },
    { "zeros", 2, { 100, 200 }, FIXED, 0, 0 },
    { "ones", 1, { 20000 }, FIXED, 1, 0 },
    { "constant", 1, { 20000 }, FIXED, 0, 0 },
    { "constant:value=-2.5", 1, { 20000 }, FIXED, -2.5, 0 },
    { "variance_scaling", 2, { 100, 200 }, TRUNCATED, 0, 0.1 },
    { "variance_scaling:scale=2,mode=fan_out", 2, { 100, 200 }, TRUNCATED, 0, 0.1 },
    { "variance_scaling:mode=fan_avg,distribution=uniform",
      2,
      { 100, 200 },
      UNIFORM,
      0,
      0.0816496581 },
    { "variance_scaling:distribution=normal", 2, { 100, 200 }, TRUNCATED, 0, 0.1 },
    { "variance_scaling:distribution=untruncated_normal", 2, { 100, 200 }, NORMAL, 0, 0.1 },
};
enum { CASE_COUNT = sizeof cases / sizeof *cases };

static size_t count_of(const initializer_case *c)
{
    size_t count = 1;

    for (size_t d = 0; d < c->rank; d++)
        count *= c->dims[d];
    return count;
}

/* The farthest a value may lie from the mean, in standard deviations of the case. */
static double limit_of(distribution form)
{
    return form == UNIFORM     ? sqrt(3)
           : form == TRUNCATED ? 2 / truncated_stddev
           : form == NORMAL    ? 5.8
                               : 0;
}

static double kurtosis_of(distribution form)
{
    return form == UNIFORM ? 1.8 : form == TRUNCATED ? truncated_kurtosis : 3;
}

typedef struct {
    double mean, stddev, kurtosis, farthest; /* farthest: from the expected mean */
} statistics;

static statistics measure(size_t n, const float *w, double expected_mean)
{
    statistics s = { 0 };
    double fourth = 0;

    for (size_t i = 0; i < n; i++) {
        s.mean += w[i];
        s.farthest = fmax(s.farthest, fabs(w[i] - expected_mean));
    }
    s.mean /= (double)n;
    for (size_t i = 0; i < n; i++) {
        s.stddev += pow(w[i] - s.mean, 2) / (double)n;
        fourth += pow(w[i] - s.mean, 4) / (double)n;
    }
    s.kurtosis = fourth / (s.stddev * s.stddev);
    s.stddev = sqrt(s.stddev);
    return s;
}

static void check_case(const initializer_case *c)
{
    const size_t n = count_of(c);
    const double limit = limit_of(c->form) * c->stddev, root = sqrt((double)n);
    float *w = numbers_floats(n);

    cr_assert(eq(int, cvy_initialize(c->spec, &stream, c->rank, c->dims, w), CVY_OK), "%s: %s",
              c->spec, cvy_error_message());
    statistics s = measure(n, w, c->mean);
    /* five standard errors: of a mean sd / sqrt n, of a standard deviation at most sd / sqrt(2 n)
     * for these forms, of a kurtosis at most sqrt(24 / n) */
    cr_expect(le(dbl, fabs(s.mean - c->mean), 5 * c->stddev / root), "%s", c->spec);
    cr_expect(le(dbl, fabs(s.stddev - c->stddev), 5 * c->stddev / root / sqrt(2)), "%s", c->spec);
    cr_expect(le(dbl, s.farthest, limit * (1 + 1e-6)), "%s", c->spec);
    if (c->form != FIXED) {
        cr_expect(le(dbl, fabs(s.kurtosis - kurtosis_of(c->form)), 5 * sqrt(24) / root), "%s",
                  c->spec);
        cr_expect(ge(dbl, s.farthest, limit * (c->form == NORMAL ? 0.6 : 0.99)), "%s", c->spec);
    }
    free(w);
}

Test(initializers, distributions_follow_their_formulas)
{
    for (size_t i = 0; i < CASE_COUNT; i++)
        check_case(&cases[i]);
}

Test(initializers, every_one_of_the_list_has_a_case)
{
    for (size_t k = 0; cvy_initializer_kinds[k] != NULL; k++) {
        const char *name = cvy_initializer_kinds[k]->name;
        bool is_tested = false;
        for (size_t i = 0; i < CASE_COUNT; i++)
            is_tested = is_tested || strncmp(cases[i].spec, name, strlen(name)) == 0;
        is_tested = is_tested || strcmp(name, "orthogonal") == 0 || strcmp(name, "identity") == 0;
        cr_expect(is_tested, "%s", name);
        cr_expect(eq(int, cvy_initializer_check(name, 2), CVY_OK), "%s", name);
    }
}

static void fill(const char *spec, cvy_random_stream from, size_t count, float *w)
{
    cr_assert(eq(int, cvy_initialize(spec, &from, 1, &count, w), CVY_OK), "%s", spec);
}

Test(initializers, the_same_stream_gives_the_same_bits)
{
    enum { COUNT = 1000 };
    static const char *const specs[] = { "he_normal", "glorot_uniform", "random_normal" };
    const cvy_random_stream seed = { 43, CVY_RANDOM_WEIGHTS, 3 };
    const cvy_random_stream layer = { 42, CVY_RANDOM_WEIGHTS, 4 };
    float *first = numbers_floats(COUNT), *again = numbers_floats(COUNT);

    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        fill(specs[i], stream, COUNT, first);
        fill(specs[i], stream, COUNT, again);
        numbers_expect_same(COUNT, again, first, "%s", specs[i]);
        fill(specs[i], seed, COUNT, again);
        cr_expect(ne(flt, again[0], first[0]), "%s: another seed", specs[i]);
        fill(specs[i], layer, COUNT, again);
        cr_expect(ne(flt, again[0], first[0]), "%s: another layer", specs[i]);
    }
    free(first);
    free(again);
}

/* Each element draws by its own index: a longer tensor begins like a shorter one. */
Test(initializers, an_element_does_not_depend_on_the_others)
{
    static const char *const specs[] = { "random_uniform", "random_normal", "truncated_normal" };
    float *few = numbers_floats(100), *many = numbers_floats(1000);

    for (size_t i = 0; i < sizeof specs / sizeof *specs; i++) {
        fill(specs[i], stream, 100, few);
        fill(specs[i], stream, 1000, many);
        numbers_expect_same(100, many, few, "%s", specs[i]);
    }
    free(few);
    free(many);
}

static void expect_refused(const char *spec, const char *part)
{
    const size_t count = 1;
    float w = 7;

    cr_expect(eq(int, cvy_initializer_check(spec, 1), CVY_ERR_SETTING), "%s", spec);
    cr_expect(ne(ptr, strstr(cvy_error_message(), part), NULL), "%s", cvy_error_message());
    cr_expect(eq(int, cvy_initialize(spec, &stream, 1, &count, &w), CVY_ERR_SETTING), "%s", spec);
    cr_expect(eq(flt, w, 7), "%s", spec);
}

/* The shorter side's vectors are of length `gain` and at right angles, in all dims but the last. */
static void expect_orthogonal(size_t rank, const size_t *dims, size_t rows, size_t columns)
{
    const double gain = 1.5;
    float *w = numbers_floats(rows * columns);
    const size_t count = rows < columns ? rows : columns, length = rows + columns - count;

    cr_assert(eq(int, cvy_initialize("orthogonal:gain=1.5", &stream, rank, dims, w), CVY_OK));
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j <= i; j++) {
            double product = 0;
            for (size_t k = 0; k < length; k++)
                product += rows < columns ? (double)w[i * columns + k] * (double)w[j * columns + k]
                                          : (double)w[k * columns + i] * (double)w[k * columns + j];
            cr_expect_float_eq(product, i == j ? gain * gain : 0, 1e-5, "%zu, %zu: %g", i, j,
                               product);
        }
    free(w);
}

Test(initializers, orthogonal_vectors_are_orthogonal)
{
    expect_orthogonal(2, (size_t[]){ 7, 20 }, 7, 20);
    expect_orthogonal(2, (size_t[]){ 33, 5 }, 33, 5);
    expect_orthogonal(2, (size_t[]){ 6, 6 }, 6, 6);
    expect_orthogonal(4, (size_t[]){ 3, 3, 2, 10 }, 18, 10);
}

Test(initializers, identity_is_the_identity)
{
    const size_t dims[] = { 3, 5 };
    float w[15];

    cr_assert(eq(int, cvy_initialize("identity:gain=2", &stream, 2, dims, w), CVY_OK));
    for (size_t i = 0; i < 15; i++)
        cr_expect(eq(flt, w[i], i / 5 == i % 5 ? 2 : 0));
}

/* Keras refuses them too. */
Test(initializers, matrices_are_not_made_of_vectors)
{
    cr_expect(eq(int, cvy_initializer_check("orthogonal", 1), CVY_ERR_SETTING));
    cr_expect(eq(int, cvy_initializer_check("identity", 4), CVY_ERR_SETTING));
    cr_expect(eq(int, cvy_initializer_check("identity", 2), CVY_OK));
}

Test(initializers, wrong_specs_are_refused)
{
    expect_refused("glorot_unifrom", "glorot_uniform");
    expect_refused("ortogonal", "orthogonal");
    expect_refused("", "initializer");
    expect_refused("constant:values=1", "value");
    expect_refused("random_normal:stddev=nan", "nan");
    expect_refused("he_normal:scale=2", "scale");
}
