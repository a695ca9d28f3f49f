#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "base/place.h"

static void expect_advice(const char *path, const char *part)
{
    const char *advice = cvy_place_advice(path);

    cr_expect(advice != NULL && strstr(advice, part) != NULL, "%s: found %s", path,
              advice != NULL ? advice : "no advice");
}

Test(place, paths_that_are_none)
{
    expect_advice("https://example.com/a.png", "download it first");
    expect_advice("FTP://example.com/a.png", "download it first");
    expect_advice("s3://bucket/a", "copy it here");
    expect_advice("file:///tmp/a", "Leave out file://");
    expect_advice("C:\\data\\mnist", "path of Windows");
    expect_advice("data\\mnist", "separated by /");
    expect_advice("~/mnist", "expands ~");
    expect_advice("$HOME/mnist", "was not expanded");
    expect_advice("data/$NAME", "was not expanded");
    expect_advice("*.png", "pattern was not expanded");
    expect_advice("img_{1..9}.png", "pattern was not expanded");
    expect_advice("a.csv,b.csv", "Separate paths by spaces");
    expect_advice("'mnist'", "quotes");
}

Test(place, other_paths_get_no_advice)
{
    static const char *const paths[] = {
        "", "mnist", "/data/mnist/", "../a.png", "a:b", "x y.csv"
    };

    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        cr_expect_null(cvy_place_advice(paths[i]), "%s", paths[i]);
}

Test(place, advice_only_where_nothing_is_there)
{
    errno = ENOENT;
    cr_expect_eq(cvy_fail_to_open("*.png"), CVY_ERR_OPEN);
    cr_expect_not_null(
        strstr(cvy_error_message(), "*.png: No such file or directory\nThat pattern"));
    errno = EACCES;
    cr_expect_eq(cvy_fail_to_open("*.png"), CVY_ERR_OPEN);
    cr_expect_str_eq(cvy_error_message(), "*.png: Permission denied");
}
