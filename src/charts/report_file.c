#include "charts/report_file.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/csv_cell.h"
#include "base/output.h"
#include "base/text_stream.h"

enum { PATH_BYTES = 4096 };

cvy_status cvy_report_file_open(cvy_report_file *out, const char *folder, const char *name)
{
    *out = (cvy_report_file){ .folder = folder, .name = name };
    out->file = cvy_text_stream_open(&out->text, &out->bytes);
    return out->file != NULL ? CVY_OK
                             : cvy_fail(CVY_ERR_MEMORY, "%s/%s: out of memory", folder, name);
}

cvy_status cvy_report_file_close(cvy_report_file *out)
{
    char path[PATH_BYTES];
    const bool is_bad = ferror(out->file) != 0;
    const bool is_whole = fclose(out->file) == 0 && !is_bad;
    cvy_status status = CVY_OK;

    if (snprintf(path, sizeof path, "%s/%s", out->folder, out->name) >= (int)sizeof path)
        status = cvy_fail(CVY_ERR_OPEN, "%.200s...: the name is too long", out->folder);
    else if (!is_whole)
        status = cvy_fail(CVY_ERR_MEMORY, "%s: out of memory", path);
    else
        status = cvy_file_write(path, out->text, out->bytes);
    free(out->text);
    return status;
}

cvy_status cvy_report_file_write(const char *folder, const char *name,
                                 void (*write)(const void *what, FILE *file), const void *what)
{
    cvy_report_file out;
    cvy_status status = cvy_report_file_open(&out, folder, name);

    if (status != CVY_OK)
        return status;
    write(what, out.file);
    return cvy_report_file_close(&out);
}

static void put_text(const void *text, FILE *file)
{
    fputs(text, file);
    fputc('\n', file);
}

cvy_status cvy_report_file_write_json(const char *folder, const char *name, json_t *object,
                                      size_t flags)
{
    char *text;
    cvy_status status = cvy_json_print(object, flags, name, &text);

    if (status != CVY_OK)
        return cvy_fail_at(status, "%s", folder);
    status = cvy_report_file_write(folder, name, put_text, text);
    free(text);
    return status;
}

void cvy_csv_text(FILE *file, const char *text)
{
    cvy_csv_quoted(file, text);
    fputc(',', file);
}

void cvy_csv_number(FILE *file, double value)
{
    if (isfinite(value))
        fprintf(file, "%.9g", value);
    fputc(',', file);
}
