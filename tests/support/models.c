/* See models.h. */
#include "support/models.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/digest.h"

cvy_status model_read(const char *layers, cvy_model **model)
{
    static const char head[] = "{\"class_name\":\"Sequential\",\"config\":{\"name\":\"m\","
                               "\"layers\":[";
    char *text = malloc(sizeof head + strlen(layers) + 8);

    cr_assert_not_null(text);
    size_t end = (size_t)sprintf(text, "%s%s", head, layers);
    for (char *c = text; *c != '\0'; c++)
        *c = *c == '\'' ? '"' : *c;
    end -= text[end - 1] == ',';
    strcpy(text + end, "]}}");
    cvy_status status = cvy_model_parse("m.json", text, strlen(text), model);
    free(text);
    return status == CVY_OK ? cvy_model_allocate(*model) : status;
}

cvy_model *model_make(const char *layers)
{
    cvy_model *model = NULL;

    cr_assert_eq(model_read(layers, &model), CVY_OK, "%s", cvy_error_message());
    return model;
}

const char *model_digest(const cvy_model *model)
{
    static char texts[8][CVY_DIGEST_HEX_BYTES];
    static size_t turn;
    char *text = texts[turn++ % 8];

    cr_assert_eq(cvy_model_digest(model, text), CVY_OK);
    return text;
}

void expect_refusal(const char *what, cvy_status found, cvy_status wanted, const char *words)
{
    const char *message = found != CVY_OK ? cvy_error_message() : "";
    char list[256], *rest = list;

    cr_expect_eq(found, wanted, "%s: found \"%s\", expected \"%s\": %s", what,
                 cvy_status_text(found), cvy_status_text(wanted), message);
    const char *second = strchr(message, '\n'); /* what to do */
    cr_expect(second == NULL || strchr(second + 1, '\n') == NULL, "%s: more than two lines: %s",
              what, message);
    cr_assert_lt((size_t)snprintf(list, sizeof list, "%s", words), sizeof list);
    for (const char *word; (word = strsep(&rest, "|")) != NULL;)
        cr_expect_not_null(strstr(message, word), "%s: \"%s\" is not in: %s", what, word, message);
}

static char folder[256];

void scratch_open(void)
{
    const char *base = getenv("TMPDIR");

    snprintf(folder, sizeof folder, "%s/convoy-test-XXXXXX", base != NULL ? base : "/tmp");
    cr_assert_not_null(mkdtemp(folder));
}

const char *scratch_path(const char *name)
{
    static char paths[2][512];
    static size_t turn;
    char *path = paths[turn++ % 2];

    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

/* How many files there are, each handed to `function` where that is not NULL. */
static size_t visit(int (*function)(const char *path))
{
    DIR *listing = opendir(folder);
    size_t count = 0;

    for (struct dirent *entry; listing != NULL && (entry = readdir(listing)) != NULL;)
        if (entry->d_name[0] != '.' || strlen(entry->d_name) > 2) {
            count++;
            if (function != NULL)
                function(scratch_path(entry->d_name));
        }
    if (listing != NULL)
        closedir(listing);
    return count;
}

size_t scratch_count(void)
{
    return visit(NULL);
}

void scratch_close(void)
{
    visit(unlink);
    rmdir(folder);
}
