/* File names with fields. Keras's own are held against in golden/test_callbacks_against_keras.c. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "callbacks/path.h"
#include "support/models.h"

static cvy_status print(const char *pattern, char *path, size_t size)
{
    cvy_logs logs = { 0 };

    cvy_logs_set(&logs, "loss", 0.125);
    cvy_logs_set(&logs, "val_loss", -1.5);
    cvy_logs_set(&logs, "accuracy", NAN);
    return cvy_path_print(pattern, (cvy_path_place){ 7, 42 }, &logs, path, size);
}

static void expect(const char *pattern, const char *wanted)
{
    char path[256];

    cr_assert_eq(print(pattern, path, sizeof path), CVY_OK, "%s: %s", pattern, cvy_error_message());
    cr_expect_str_eq(path, wanted, "%s", pattern);
}

static void expect_refused(const char *pattern, const char *words)
{
    char path[256];

    expect_refusal(pattern, print(pattern, path, sizeof path), CVY_ERR_SETTING, words);
}

Test(path, plain_names_stay)
{
    expect("", "");
    expect("a/b c:d.safetensors", "a/b c:d.safetensors");
    expect("100%s%d%n", "100%s%d%n");
}

Test(path, fields_are_filled_in)
{
    expect("{epoch}-{batch}", "7-42");
    expect("{epoch:02d}{epoch:3d}{epoch:03}{batch:1d}", "07  700742");
    expect("{loss}{val_loss}", "0.125-1.5");
    expect("{loss:.2f}|{loss:7.1f}|{val_loss:07.2f}|{val_loss:e}",
           "0.12|    0.1|-001.50|-1.500000e+00");
    expect("{loss:g}{epoch:.1f}", "0.1257.0");
    expect("{accuracy:.3f}", "nan");
    expect("{{epoch}}{{{epoch}}}", "{epoch}{7}");
}

Test(path, what_python_would_not_take_is_refused)
{
    expect_refused("{nothing}", "{nothing}|epoch, batch, loss, val_loss, accuracy");
    expect_refused("{}", "unknown field");
    expect_refused("{epoch", "braces");
    expect_refused("epoch}", "braces");
    expect_refused("{epoch{", "braces");
    expect_refused("{epoch:x}", "{epoch:x}");
    expect_refused("{epoch:.2}", "{epoch:.2}");
    expect_refused("{epoch:.2d}", "{epoch:.2d}");
    expect_refused("{loss:d}", "{loss:d}");
    expect_refused("{loss:.f}", "{loss:.f}");
    expect_refused("{loss:.2}", "{loss:.2}");
    expect_refused("{loss:100f}", "{loss:100f}");
    expect_refused("{loss:.100f}", "{loss:.100f}");
    expect_refused("{loss:.2f }", "{loss:.2f }");
}

Test(path, a_batch_is_no_field_where_there_is_none)
{
    const cvy_logs logs = { 0 };
    char path[64];

    expect_refusal("no batch",
                   cvy_path_print("{batch}", (cvy_path_place){ 1, 0 }, &logs, path, sizeof path),
                   CVY_ERR_SETTING, "{batch}|epoch, nothing");
}

Test(path, what_does_not_fit_is_refused)
{
    char path[8];

    cr_expect_eq(print("123456", path, sizeof path), CVY_OK);
    cr_expect_str_eq(path, "123456");
    expect_refusal("as long as the place", print("1234567", path, sizeof path), CVY_ERR_SETTING,
                   "longer");
    expect_refusal("longer", print("123{loss:99f}", path, sizeof path), CVY_ERR_SETTING, "longer");
    expect_refusal("at its end", print("123456{epoch}{epoch}", path, sizeof path), CVY_ERR_SETTING,
                   "longer");
}
