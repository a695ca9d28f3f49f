#define _GNU_SOURCE /* posix_spawn_file_actions_addchdir_np */
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
} formats_known[] = { { "svg", 0 }, { "pdf", CVY_FORMAT_PDF }, { "png", CVY_FORMAT_PNG } };

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
                            "--figures: found \"%.80s\", expected svg, pdf or png, with commas "
                            "between them",
                            text);
        *formats |= formats_known[i].bit;
        name += length;
        if (*name == '\0')
            return CVY_OK;
    }
}

/* Font sizes of a script are pixels of SVG, 96 to the inch; of PDF they are points, 72 to the inch. PNG has two
 * pixels for each of SVG. */
void cvy_gnuplot_begin(FILE *file, const char *name, size_t width, size_t height)
{
    fprintf(file,
            "# gnuplot %s.gp draws %s.svg from the CSV file beside it; so for pdf and png:\n"
            "# gnuplot -e \"format='pdf'\" %s.gp\n"
            "if (!exists('format')) format = 'svg'\n"
            "set encoding utf8\n"
            "if (format eq 'svg') set terminal svg size %zu,%zu font 'Helvetica,14' background rgb "
            "'white'\n"
            "if (format eq 'pdf') set terminal pdfcairo size %.3fin,%.3fin font 'Helvetica,14' "
            "fontscale 0.75 background rgb 'white'\n"
            "if (format eq 'png') set terminal pngcairo size %zu,%zu font 'Helvetica,14' fontscale "
            "1.5 linewidth 2 pointscale 2 background rgb 'white'\n"
            "set output '%s.'.format\n",
            name, name, name, width, height, (double)width / 96, (double)height / 96, 2 * width,
            2 * height, name);
}

/* gnuplot does not notice a full disk, and leaves a picture that breaks off. */
static bool is_whole(const char *folder, const char *name)
{
    char path[PATH_MAX], tail[64] = "";
    snprintf(path, sizeof path, "%s/%s.svg", folder, name);
    FILE *file = fopen(path, "re");

    if (file == NULL)
        return false;
    if (fseek(file, -(long)(sizeof tail - 1), SEEK_END) == 0)
        tail[fread(tail, 1, sizeof tail - 1, file)] = '\0';
    fclose(file);
    if (strstr(tail, "</svg>") != NULL)
        return true;
    unlink(path);
    return false;
}

cvy_pictures_end cvy_gnuplot_run(const char *folder, const char *const *names, size_t count,
                                 unsigned formats)
{
    char *commands = NULL;
    size_t bytes = 0;
    FILE *file = open_memstream(&commands, &bytes);

    if (file == NULL)
        return CVY_PICTURES_FAILED;
    for (size_t f = 0; f < FORMATS; f++)
        for (size_t i = 0; i < count; i++)
            if (formats_known[f].bit == 0 || (formats & formats_known[f].bit) != 0)
                fprintf(file, "format='%s'; load '%s.gp'; unset multiplot; unset output; reset; ",
                        formats_known[f].name, names[i]);
    const bool is_bad = ferror(file) != 0;
    cvy_pictures_end end =
        fclose(file) == 0 && !is_bad ? run(folder, commands) : CVY_PICTURES_FAILED;
    free(commands);
    for (size_t i = 0; i < count && end != CVY_PICTURES_NO_GNUPLOT; i++)
        if (!is_whole(folder, names[i]))
            end = CVY_PICTURES_FAILED;
    return end;
}
