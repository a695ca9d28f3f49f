#include "base/cpu.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

static cvy_cpu cpu;

static void read_model_name(char *model, size_t size)
{
    char line[256];
    FILE *file = fopen("/proc/cpuinfo", "r");

    snprintf(model, size, "unknown");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        const char *value = strchr(line, ':');
        if (strncmp(line, "model name", 10) != 0 || value == NULL)
            continue;
        value += 1 + strspn(value + 1, " \t");
        snprintf(model, size, "%.*s", (int)strcspn(value, "\n"), value);
        break;
    }
    if (file != NULL)
        fclose(file);
}

#if defined(__x86_64__)

/* The registers that the system saves, as bits of XCR0: 1 and 2 are those of AVX, 5 to 7 those that
 * AVX-512 adds. */
enum { XCR0_AVX = 0x06, XCR0_AVX512 = 0xe6 };

static bool has_all(unsigned found, unsigned wanted)
{
    return (found & wanted) == wanted;
}

/* A processor feature is usable only if the system saves its registers. Intel's manual, volume 1,
 * sections 14.3 and 15.2. */
static void detect_vectors(void)
{
    unsigned a, b, c, d, kept;

    if (!__get_cpuid(1, &a, &b, &c, &d) || !has_all(c, bit_OSXSAVE | bit_FMA))
        return;
    __asm__("xgetbv" : "=a"(kept), "=d"(d) : "c"(0));
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d))
        return;
    cpu.has_avx2 = has_all(kept, XCR0_AVX) && has_all(b, bit_AVX2);
    cpu.has_avx512 = has_all(kept, XCR0_AVX512) &&
                     has_all(b, bit_AVX512F | bit_AVX512BW | bit_AVX512DQ | bit_AVX512VL);
}

#endif

static void detect(void)
{
    read_model_name(cpu.model, sizeof cpu.model);
#if defined(__x86_64__)
    detect_vectors();
#endif
}

const cvy_cpu *cvy_cpu_detect(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, detect);
    return &cpu;
}

/* The register that controls rounding and flushing. */
static unsigned long read_control(void)
{
    unsigned long control = 0;
#if defined(__x86_64__)
    control = _mm_getcsr();
#elif defined(__aarch64__)
    __asm__ volatile("mrs %0, fpcr" : "=r"(control));
#endif
    return control;
}

static void write_control(unsigned long control)
{
#if defined(__x86_64__)
    _mm_setcsr((unsigned)control);
#elif defined(__aarch64__)
    __asm__ volatile("msr fpcr, %0" : : "r"(control));
#else
    (void)control;
#endif
}

#if defined(__x86_64__)
enum { FLUSH = 1 << 15 | 1 << 6 }; /* flush to zero, denormals are zero */
#else
enum { FLUSH = 1 << 24 };
#endif

unsigned long cvy_cpu_flush_denormals(void)
{
    const unsigned long before = read_control();

    write_control(before | FLUSH);
    return before;
}

/* Restores only these bits: exception flags raised in between stay raised. */
void cvy_cpu_restore_denormals(unsigned long before)
{
    write_control((read_control() & ~(unsigned long)FLUSH) | (before & FLUSH));
}
