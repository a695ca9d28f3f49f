#define _GNU_SOURCE /* posix_spawn_file_actions_addchdir_np, memmem */
#include "charts/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text_stream.h"

extern char **environ;

static cvy_pictures_end run(const char *folder, char *commands)
{
    char *const arguments[] = { (char[]){ "gnuplot" }, (char[]){ "-e" }, commands, NULL };
    posix_spawn_file_actions_t actions;
    pid_t child;
    int state = -1;

    int error = posix_spawn_file_actions_init(&actions);
    if (error != 0)
        return CVY_PICTURES_FAILED;
    error = posix_spawn_file_actions_addchdir_np(&actions, folder);
    if (error == 0)
        error = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (error == 0)
        error = posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    if (error == 0)
        error = posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    if (error == 0)
        error = posix_spawnp(&child, arguments[0], &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0)
        return error == ENOENT || error == EACCES ? CVY_PICTURES_NO_GNUPLOT : CVY_PICTURES_FAILED;
    while (waitpid(child, &state, 0) < 0)
        if (errno != EINTR)
            return CVY_PICTURES_FAILED;
    return WIFEXITED(state) && WEXITSTATUS(state) == 0 ? CVY_PICTURES_DRAWN : CVY_PICTURES_FAILED;
}

static const struct {
    const char *name;
    unsigned bit;
    const char *end; /* of a complete file */
} formats_known[] = { { "svg", CVY_FORMAT_SVG, "</svg>" },
                      { "pdf", CVY_FORMAT_PDF, "%%EOF" },
                      { "png", CVY_FORMAT_PNG, "IEND" } };

enum { FORMATS = sizeof formats_known / sizeof *formats_known };

cvy_status cvy_gnuplot_read_formats(const char *text, unsigned *formats)
{
    *formats = 0;
    for (const char *name = text;; name++) {
        const size_t length = strcspn(name, ",");
        size_t i = 0;
        while (i < FORMATS && (strlen(formats_known[i].name) != length ||
                               strncmp(name, formats_known[i].name, length) != 0))
            i++;
        if (i == FORMATS)
            return cvy_fail(CVY_ERR_SETTING,
                            "--figures: found \"%.80s\", expected svg, pdf or png, with commas and "
                            "without spaces between them, as in svg,pdf",
                            text);
        *formats |= formats_known[i].bit;
        name += length;
        if (*name == '\0')
            return CVY_OK;
    }
}

/* Sizes in a script are SVG pixels, 96 per inch. The PDF scale makes letters, lines and points as
 * large as in SVG; PNG has two pixels for each SVG pixel. */
void cvy_gnuplot_begin(FILE *file, const char *name, size_t width, size_t height)
{
    fprintf(file,
            "# gnuplot %s.gp draws %s.svg; for pdf or png:\n"
            "# gnuplot -e \"format='pdf'\" %s.gp\n"
            "if (!exists('format')) format = 'svg'\n"
            "set encoding utf8\n"
            "if (format eq 'svg') set terminal svg size %zu,%zu font 'Helvetica,14' background rgb "
            "'white'\n"
            "if (format eq 'pdf') set terminal pdfcairo size %.3fin,%.3fin font 'Helvetica,14' "
            "fontscale 0.56 linewidth 1.6 pointscale 1.2 background rgb 'white'\n"
            "if (format eq 'png') set terminal pngcairo size %zu,%zu font 'Helvetica,14' fontscale "
            "1.5 linewidth 2 pointscale 2 background rgb 'white'\n"
            "set output '%s.'.format\n",
            name, name, name, width, height, (double)width / 96, (double)height / 96, 2 * width,
            2 * height, name);
}

static const char *print_path(const char *folder, const char *name, size_t format,
                              char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s/%s.%s", folder, name, formats_known[format].name);
    return path;
}

/* gnuplot does not report a full disk. */
static bool is_whole(const char *folder, const char *name, size_t format)
{
    const char *end = formats_known[format].end;
    char path[PATH_MAX], tail[64];
    FILE *file = fopen(print_path(folder, name, format, path), "re");

    if (file == NULL)
        return false;
    size_t length = 0;
    if (fseek(file, -(long)sizeof tail, SEEK_END) == 0)
        length = fread(tail, 1, sizeof tail, file);
    fclose(file);
    if (memmem(tail, length, end, strlen(end)) != NULL)
        return true;
    unlink(path);
    return false;
}

void cvy_gnuplot_remove(const char *folder, const char *const *names, size_t count,
                        unsigned formats)
{
    char path[PATH_MAX];

    for (size_t i = 0; i < count; i++)
        for (size_t f = 0; f < FORMATS; f++)
            if ((formats & formats_known[f].bit) != 0)
                unlink(print_path(folder, names[i], f, path));
}

static void print_commands(const char *const *names, size_t count, unsigned formats, FILE *file)
{
    for (size_t f = 0; f < FORMATS; f++)
        for (size_t i = 0; i < count && (formats & formats_known[f].bit) != 0; i++)
            fprintf(file, "format='%s'; load '%s.gp'; unset multiplot; unset output; reset; ",
                    formats_known[f].name, names[i]);
}

cvy_pictures_end cvy_gnuplot_run(const char *folder, const char *const *names, size_t count,
                                 unsigned formats)
{
    char *commands = NULL;
    size_t bytes = 0;
    FILE *file = cvy_text_stream_open(&commands, &bytes);

    if (file == NULL)
        return CVY_PICTURES_FAILED;
    print_commands(names, count, formats, file);
    const bool is_bad = ferror(file) != 0;
    cvy_pictures_end end =
        fclose(file) == 0 && !is_bad ? run(folder, commands) : CVY_PICTURES_FAILED;
    free(commands);
    for (size_t f = 0; f < FORMATS && end != CVY_PICTURES_NO_GNUPLOT; f++)
        for (size_t i = 0; i < count && (formats & formats_known[f].bit) != 0; i++)
            if (!is_whole(folder, names[i], f))
                end = CVY_PICTURES_FAILED;
    return end;
}
