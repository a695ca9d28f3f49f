/* Pictures: a gnuplot script for each, which reads the tables beside it and can be changed and run
 * again by hand, and the SVG that gnuplot makes of it. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "report/scaling.h"

extern char **environ;

const cvy_scaling_picture cvy_scaling_pictures[CVY_SCALING_PICTURES] = {
    { "speedup", "Speed-up",
      "Median speed-up against one thread, with the 95 % interval; the ideal, and the fitted "
      "laws." },
    { "efficiency", "Efficiency",
      "Speed-up over the number of threads; 1 would be no loss at all." },
    { "phases", "Where a step's time goes",
      "Milliseconds of a step, mean over the workers; waiting is what the slowest worker is behind "
      "the mean." },
    { "repeats", "Spread of the repeats",
      "Each repeat's rate against the median of its number of threads." },
};

/* --- scripts --- */

static void put_head(const cvy_scaling *s, FILE *file, const char *picture, const char *y_label)
{
    fprintf(file,
            "# Made by convoy scale. In this folder, `gnuplot %s.gp` draws %s.svg again.\n"
            "set terminal svg size 760,420 dynamic enhanced font 'sans-serif,13' background "
            "'#ffffff'\n"
            "set output '%s.svg'\n"
            "set datafile separator ','\n"
            "set border 3 lc '#59636e'\n"
            "set grid ytics lc '#d8dee4'\n"
            "set tics nomirror\n"
            "set xlabel 'threads'\n"
            "set ylabel '%s'\n"
            "set xtics (",
            picture, picture, picture, y_label);
    for (size_t i = 0; i < s->request.point_count; i++)
        fprintf(file, "%s%zu", i > 0 ? ", " : "", s->points[i].threads);
    fputs(")\n", file);
}

/* From half a thread below the first to as much above the last; steps of 2 where there are many. */
static void put_thread_axis(const cvy_scaling *s, FILE *file)
{
    const size_t last = s->points[s->request.point_count - 1].threads;

    if (last > 8)
        fprintf(file, "set logscale x 2\nset xrange [0.9:%zu * 1.1]\n", last);
    else
        fprintf(file, "set xrange [0.7:%zu + 0.3]\n", last);
}

static void put_laws(const cvy_scaling *s, FILE *file)
{
    const cvy_usl *u = &s->usl;

    if (s->amdahl.is_found)
        fprintf(file, "amdahl(p) = 1 / (%.9g + (1 - %.9g) / p)\n", s->amdahl.serial_fraction,
                s->amdahl.serial_fraction);
    if (s->gustafson.is_found)
        fprintf(file, "gustafson(p) = p - %.9g * (p - 1)\n", s->gustafson.serial_fraction);
    if (u->is_found)
        fprintf(file, "usl(p) = %.9g * p / (1 + %.9g * (p - 1) + %.9g * p * (p - 1))\n",
                u->lambda / s->points[0].rate.median, u->sigma, u->kappa);
}

static void write_speedup(const void *scaling, FILE *file)
{
    const cvy_scaling *s = scaling;
    put_head(s, file, "speedup", s->request.is_weak ? "scaled speed-up" : "speed-up");
    put_thread_axis(s, file);
    if (s->points[s->request.point_count - 1].threads > 8)
        fputs("set logscale y 2\n", file);
    fputs("set key left top reverse Left\n", file);
    put_laws(s, file);
    fputs("plot x title 'ideal' lc '#818b98' dt 2", file);
    if (s->amdahl.is_found)
        fputs(", \\\n     amdahl(x) title 'Amdahl' lc '#c64600' lw 2", file);
    if (s->gustafson.is_found)
        fputs(", \\\n     gustafson(x) title 'Gustafson' lc '#c64600' lw 2", file);
    if (s->usl.is_found)
        fputs(", \\\n     usl(x) title 'USL' lc '#0a7d57' lw 2", file);
    if (isfinite(s->points[0].rate.low))
        fputs(", \\\n     'scaling.csv' using (column('threads')):(column('speedup')):"
              "(column('speedup_low')):(column('speedup_high')) with yerrorbars title 'measured' "
              "lc '#0b62b0' pt 7 ps 0.7 lw 2\n",
              file);
    else
        fputs(", \\\n     'scaling.csv' using (column('threads')):(column('speedup')) with points "
              "title 'measured' lc '#0b62b0' pt 7 ps 0.7\n",
              file);
}

static void write_efficiency(const void *scaling, FILE *file)
{
    const cvy_scaling *s = scaling;
    put_head(s, file, "efficiency", "efficiency");
    put_thread_axis(s, file);
    fputs("set yrange [0:1.1]\n"
          "set key left bottom reverse Left\n"
          "plot 1 title 'ideal' lc '#818b98' dt 2, \\\n"
          "     'scaling.csv' using (column('threads')):(column('efficiency')) with linespoints "
          "title 'measured' lc '#0b62b0' pt 7 ps 0.7 lw 2\n",
          file);
}

static void write_phases(const void *scaling, FILE *file)
{
    const cvy_scaling *s = scaling;
    static const char *const colours[CVY_PHASE_COUNT] = { "#818b98", "#0b62b0", "#62b0f5",
                                                          "#0a7d57", "#8a6800", "#c64600" };

    put_head(s, file, "phases", "ms of a step");
    fputs("unset xtics\n"
          "set xtics scale 0\n"
          "set style data histograms\n"
          "set style histogram rowstacked\n"
          "set style fill solid 1.0 border lc '#ffffff'\n"
          "set boxwidth 0.6\n"
          "set yrange [0:*]\n"
          "set key outside right top reverse Left invert\n"
          "plot ",
          file);
    for (size_t phase = 0; phase < CVY_PHASE_COUNT; phase++)
        fprintf(file, "%s'scaling.csv' using (column('%s_ms'))%s title '%s' lc '%s'",
                phase > 0 ? ", \\\n     " : "", cvy_phase_names[phase],
                phase == 0 ? ":xtic(stringcolumn('threads'))" : "", cvy_phase_names[phase],
                colours[phase]);
    fputc('\n', file);
}

static void write_repeats(const void *scaling, FILE *file)
{
    const cvy_scaling *s = scaling;
    put_head(s, file, "repeats", "rate / median");
    put_thread_axis(s, file);
    fputs("set key off\n"
          "set jitter spread 0.4\n"
          "plot 1 lc '#818b98' dt 2, \\\n"
          "     'repeats.csv' using (column('threads')):(column('share_of_median')) with points "
          "lc '#0b62b0' pt 7 ps 0.5\n",
          file);
}

static void (*const writers[CVY_SCALING_PICTURES])(const void *scaling,
                                                   FILE *file) = { write_speedup, write_efficiency,
                                                                   write_phases, write_repeats };

/* --- gnuplot --- */

/* Runs gnuplot inside of the folder, silently. */
static cvy_pictures_end run_gnuplot(const char *folder, const char *script)
{
    char *arguments[] = { "gnuplot", (char *)script, NULL };
    posix_spawn_file_actions_t actions;
    pid_t child;
    int ending;

    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addchdir_np(&actions, folder);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    const int error = posix_spawnp(&child, arguments[0], &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0)
        return error == ENOENT || error == EACCES ? CVY_PICTURES_NO_GNUPLOT : CVY_PICTURES_FAILED;
    while (waitpid(child, &ending, 0) < 0)
        if (errno != EINTR)
            return CVY_PICTURES_FAILED;
    return WIFEXITED(ending) && WEXITSTATUS(ending) == 0 ? CVY_PICTURES_DRAWN : CVY_PICTURES_FAILED;
}

/* A picture of an older report must not stand beside new figures. */
static void remove_picture(const char *folder, const char *name)
{
    char path[4096];

    if (snprintf(path, sizeof path, "%s/%s.svg", folder, name) < (int)sizeof path)
        unlink(path);
}

cvy_status cvy_scaling_draw(const cvy_scaling *s, const char *folder, cvy_pictures_end *end)
{
    *end = CVY_PICTURES_DRAWN;
    for (size_t i = 0; i < CVY_SCALING_PICTURES; i++) {
        const char *name = cvy_scaling_pictures[i].name;
        char script[64];
        snprintf(script, sizeof script, "%s.gp", name);
        cvy_status status = cvy_scaling_write_file(folder, script, writers[i], s);
        if (status != CVY_OK)
            return status;
        if (*end == CVY_PICTURES_DRAWN)
            *end = run_gnuplot(folder, script);
    }
    for (size_t i = 0; *end != CVY_PICTURES_DRAWN && i < CVY_SCALING_PICTURES; i++)
        remove_picture(folder, cvy_scaling_pictures[i].name);
    return CVY_OK;
}
