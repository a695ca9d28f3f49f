/* Sizes that overflow, whole cache lines, and layouts. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include <stdint.h>
#include <string.h>

#include "base/memory.h"

Test(memory, sizes_are_rounded_up_to_lines)
{
    cr_expect(eq(sz, cvy_round_to_line(0), 0));
    cr_expect(eq(sz, cvy_round_to_line(1), 64));
    cr_expect(eq(sz, cvy_round_to_line(64), 64));
    cr_expect(eq(sz, cvy_round_to_line(65), 128));
}

Test(memory, products_that_do_not_fit_are_told)
{
    size_t product;

    cr_expect(cvy_size_multiply(6, 7, &product));
    cr_expect(eq(sz, product, 42));
    cr_expect(cvy_size_multiply(0, SIZE_MAX, &product));
    cr_expect(zero(sz, product));
    cr_expect(cvy_size_multiply(SIZE_MAX, 1, &product));
    cr_expect(not(cvy_size_multiply(SIZE_MAX / 2 + 1, 2, &product)));
    cr_expect(not(cvy_size_multiply(SIZE_MAX, SIZE_MAX, &product)));
}

Test(memory, is_zeroed_and_starts_a_cache_line)
{
    for (size_t count = 1; count < 300; count += 7) {
        unsigned char *bytes;
        size_t set = 0;
        cr_assert(eq(int, cvy_memory_create(count, 3, &bytes), CVY_OK));
        cr_expect(zero(sz, (size_t)((uintptr_t)bytes % CVY_CACHE_LINE)), "%zu", count);
        for (size_t i = 0; i < 3 * count; i++)
            set += bytes[i] != 0;
        cr_expect(zero(sz, set), "%zu", count);
        memset(bytes, 0xff, 3 * count); /* so that the next is not zero by luck */
        cvy_memory_free(bytes);
    }
}

Test(memory, no_bytes_are_no_memory)
{
    void *memory = &memory;

    cr_expect(eq(int, cvy_memory_create(0, 8, &memory), CVY_OK));
    cr_expect(eq(ptr, memory, NULL));
    memory = &memory;
    cr_expect(eq(int, cvy_memory_create(8, 0, &memory), CVY_OK));
    cr_expect(eq(ptr, memory, NULL));
    cvy_memory_free(NULL);
}

Test(memory, what_cannot_be_addressed_is_refused)
{
    static const size_t cases[][2] = { { SIZE_MAX, 1 },
                                       { (size_t)PTRDIFF_MAX + 1, 1 },
                                       { SIZE_MAX / 2 + 1, 2 },
                                       { SIZE_MAX, SIZE_MAX },
                                       { (size_t)1 << 33, (size_t)1 << 33 } };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        void *memory = &memory;
        cr_expect(eq(int, cvy_memory_create(cases[i][0], cases[i][1], &memory), CVY_ERR_MEMORY));
        cr_expect(eq(ptr, memory, NULL), "case %zu", i);
        cr_expect(ne(ptr, strstr(cvy_error_message(), "address"), NULL), "%s", cvy_error_message());
    }
}

Test(memory, a_text_is_copied)
{
    char text[] = "lenet5", *copy, *empty;

    cr_assert(eq(int, cvy_text_copy(text, &copy), CVY_OK));
    cr_assert(eq(int, cvy_text_copy("", &empty), CVY_OK));
    text[0] = 'L';
    cr_expect(eq(str, copy, "lenet5"));
    cr_expect(eq(str, empty, ""));
    cvy_memory_free(copy);
    cvy_memory_free(empty);
}

Test(layout, offsets_are_whole_lines_one_behind_the_other)
{
    cvy_layout layout = { 0 };

    cr_expect(eq(sz, cvy_layout_add(&layout, 3, 4), 0));
    cr_expect(eq(sz, cvy_layout_add(&layout, 16, 4), 64));
    cr_expect(eq(sz, cvy_layout_add(&layout, 0, 4), 128));
    cr_expect(eq(sz, cvy_layout_add(&layout, 17, 4), 128));
    cr_expect(eq(sz, layout.bytes, 256));
}

/* Each way to overflow: the product, the rounding, the sum. No allocation grants the total, and
 * more pieces do not bring it back. */
Test(layout, a_total_that_does_not_fit_sticks)
{
    static const size_t cases[][2] = {
        { SIZE_MAX, 2 }, { SIZE_MAX, 1 }, { SIZE_MAX - 62, 1 }, { SIZE_MAX - 200, 1 }
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cvy_layout layout = { 0 };
        void *memory;
        cvy_layout_add(&layout, 4, 64);
        cvy_layout_add(&layout, cases[i][0], cases[i][1]);
        cr_expect(eq(sz, layout.bytes, SIZE_MAX), "case %zu", i);
        cvy_layout_add(&layout, 1, 1);
        cvy_layout_add(&layout, 0, 1);
        cr_expect(eq(sz, layout.bytes, SIZE_MAX), "case %zu", i);
        cr_expect(eq(int, cvy_memory_create(layout.bytes, 1, &memory), CVY_ERR_MEMORY));
    }
}
