/* What is detected of the processor holds together, and flushing denormals stays in its thread. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <pthread.h>
#include <string.h>

#include "base/cpu.h"

Test(cpu, is_detected_once)
{
    const cvy_cpu *cpu = cvy_cpu_detect();

    cr_expect(eq(ptr, (void *)cpu, (void *)cvy_cpu_detect()));
    cr_expect(ne(str, (char *)cpu->model, ""));
    cr_expect(lt(sz, strlen(cpu->model), sizeof cpu->model));
    cr_expect(cpu->has_avx2 || !cpu->has_avx512);
}

static volatile float denormal = 1e-40f, one = 1;

/* The bits, since a comparison may count denormals as zero itself. */
static unsigned product_bits(void)
{
    float product = denormal * one;
    unsigned bits;

    memcpy(&bits, &product, sizeof bits);
    return bits;
}

static void *flush_and_multiply(void *result)
{
    cvy_cpu_flush_denormals();
    *(unsigned *)result = product_bits();
    return NULL;
}

#if defined(__x86_64__) || defined(__aarch64__)
Test(cpu, denormals_are_flushed_in_the_thread_that_asks)
{
    unsigned bits = 1;
    pthread_t thread;

    cr_assert(zero(int, pthread_create(&thread, NULL, flush_and_multiply, &bits)));
    cr_assert(zero(int, pthread_join(thread, NULL)));
    cr_expect(zero(uint, bits));
    cr_expect(ne(uint, product_bits(), 0));
}

Test(cpu, denormals_come_back)
{
    unsigned long before = cvy_cpu_flush_denormals();

    cr_expect(zero(uint, product_bits()));
    cvy_cpu_restore_denormals(before);
    cr_expect(ne(uint, product_bits(), 0));
}
#endif
