#include <criterion/criterion.h>
#include <string.h>

#include "cli/amounts.h"

typedef bool meant_function(const char *text, char meant[CVY_AMOUNT_BYTES]);

static void expect(meant_function *function, const char *text, const char *expected)
{
    char meant[CVY_AMOUNT_BYTES] = "";
    const bool is_found = function(text, meant);

    cr_expect(is_found == (expected != NULL) && (!is_found || strcmp(meant, expected) == 0),
              "\"%s\": found %s, expected %s", text, is_found ? meant : "nothing",
              expected != NULL ? expected : "nothing");
}

static bool threads_meant(const char *text, char meant[CVY_AMOUNT_BYTES])
{
    return cvy_counts_meant(text, 1024, meant);
}

Test(amounts, sizes)
{
    size_t bytes;

    cr_expect(cvy_read_size("3K", &bytes) && bytes == 3072);
    cr_expect_not(cvy_read_size("9223372036854775808", &bytes));
    cr_expect_not(cvy_read_size("8589934592G", &bytes));
    expect(cvy_size_meant, "512MB", "512M");
    expect(cvy_size_meant, "16GiB", "16G");
    expect(cvy_size_meant, "1.5 g", "1536M");
    expect(cvy_size_meant, "0.5T", "512G");
    expect(cvy_size_meant, "1e9", "954M");
    expect(cvy_size_meant, "512", "512M");
    expect(cvy_size_meant, "0", NULL);
    expect(cvy_size_meant, "1e99", NULL);
    expect(cvy_size_meant, "99999999999999999999T", NULL);
    expect(cvy_size_meant, "-1G", NULL);
    expect(cvy_size_meant, "4 pages", NULL);
    expect(cvy_size_meant, "", NULL);
}

Test(amounts, durations)
{
    expect(cvy_duration_meant, "10min", "10m");
    expect(cvy_duration_meant, "2 hours 5 minutes", "2h5m");
    expect(cvy_duration_meant, "1.5h", "1h30m");
    expect(cvy_duration_meant, "1:30:00", "1h30m");
    expect(cvy_duration_meant, "02:30", "2m30s");
    expect(cvy_duration_meant, "PT1H30M", "1h30m");
    expect(cvy_duration_meant, "1d", "24h");
    expect(cvy_duration_meant, "0s", NULL);
    expect(cvy_duration_meant, "1:2:3:4", NULL);
    expect(cvy_duration_meant, "5 fortnights", NULL);
    expect(cvy_duration_meant, "999999999999d", NULL);
    expect(cvy_duration_meant, "", NULL);
}

Test(amounts, sides)
{
    expect(cvy_sides_meant, "28", "28x28");
    expect(cvy_sides_meant, "(28, 32)", "28x32");
    expect(cvy_sides_meant, "28\u00d732", "28x32");
    expect(cvy_sides_meant, "32x32x3", "32x32");
    expect(cvy_sides_meant, "512x512", NULL);
    expect(cvy_sides_meant, "0x5", NULL);
    expect(cvy_sides_meant, "1x2x3x4", NULL);
    expect(cvy_sides_meant, "99999999999999999999", NULL);
    expect(cvy_sides_meant, "wide", NULL);
}

Test(amounts, numbers_of_threads)
{
    expect(threads_meant, "1-4", "1,2,3,4");
    expect(threads_meant, "1..4", "1,2,3,4");
    expect(threads_meant, "1:9:4", "1,5,9");
    expect(threads_meant, "1-64", "1,2,4,8,16,32,64");
    expect(threads_meant, "3-40", "3,4,8,16,32,40");
    expect(threads_meant, "range(1, 5)", "1,2,3,4");
    expect(threads_meant, "[1, 2, 4]", "1,2,4");
    expect(threads_meant, "1 2 4", "1,2,4");
    expect(threads_meant, "0,2", "2");
    expect(threads_meant, "4-1", NULL);
    expect(threads_meant, "1-", NULL);
    expect(threads_meant, "-4", NULL);
    expect(threads_meant, "1-2000", NULL);
    expect(threads_meant, "0", NULL);
    expect(threads_meant, "1,2,two", NULL);
    expect(threads_meant, "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17", NULL);
    expect(threads_meant, "18446744073709551615-18446744073709551615", NULL);
    expect(threads_meant, "", NULL);
}
