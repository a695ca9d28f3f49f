#include "base/quota.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES = 1024, FOLDER_BYTES = 2048, PATH_BYTES = FOLDER_BYTES + 32 };

/* The first line of a file. */
static bool read_line(const char *path, char line[LINE_BYTES])
{
    FILE *file = fopen(path, "r");
    const bool is_read = file != NULL && fgets(line, LINE_BYTES, file) != NULL;

    if (file != NULL)
        fclose(file);
    return is_read;
}

/* The number of processors that a quota and a period in microseconds allow; "max" and -1 mean no
 * limit. */
static double processors(const char *quota, double period)
{
    const double microseconds = strtod(quota, NULL);
    return microseconds > 0 && period > 0 ? microseconds / period : HUGE_VAL;
}

/* "max 100000" or "150000 100000" */
static double read_v2(const char *folder)
{
    char path[PATH_BYTES], line[LINE_BYTES];

    snprintf(path, sizeof path, "%s/cpu.max", folder);
    if (!read_line(path, line))
        return HUGE_VAL;
    const char *period = strchr(line, ' ');
    return period != NULL ? processors(line, strtod(period, NULL)) : HUGE_VAL;
}

static double read_v1(const char *folder)
{
    char path[PATH_BYTES], quota[LINE_BYTES], period[LINE_BYTES];

    snprintf(path, sizeof path, "%s/cpu.cfs_quota_us", folder);
    if (!read_line(path, quota))
        return HUGE_VAL;
    snprintf(path, sizeof path, "%s/cpu.cfs_period_us", folder);
    return read_line(path, period) ? processors(quota, strtod(period, NULL)) : HUGE_VAL;
}

/* Visit the group and its parents, up to the mount. A path that the mount does not show, as inside
 * a container, is shortened until it does. */
static double read_upwards(const char *mount, const char *group, double (*read)(const char *folder))
{
    char folder[FOLDER_BYTES];
    double smallest = HUGE_VAL;

    if (snprintf(folder, sizeof folder, "%s%s", mount, group) >= (int)sizeof folder)
        return HUGE_VAL;
    for (char *slash = folder; slash != NULL; slash = strrchr(folder + strlen(mount), '/')) {
        if (slash != folder)
            *slash = '\0';
        smallest = fmin(smallest, read(folder));
    }
    return smallest;
}

/* Whether "cpu,cpuacct" lists cpu. */
static bool lists_cpu(const char *controllers, size_t length)
{
    while (length > 0) {
        const size_t name = strcspn(controllers, ",:");
        if (name == 3 && strncmp(controllers, "cpu", 3) == 0)
            return true;
        controllers += name + 1;
        length -= name < length ? name + 1 : length;
        length = controllers[-1] == ',' ? length : 0;
    }
    return false;
}

/* Parse a line "NUMBER:CONTROLLERS:PATH" of /proc/self/cgroup; no controllers means version 2. */
static double read_group(const char *root, char *line)
{
    char mount[FOLDER_BYTES];
    char *controllers = strchr(line, ':');
    char *group = controllers != NULL ? strchr(++controllers, ':') : NULL;

    if (group == NULL)
        return HUGE_VAL;
    const size_t length = (size_t)(group - controllers);
    group++;
    group[strcspn(group, "\n")] = '\0';
    if (length == 0) {
        snprintf(mount, sizeof mount, "%s/sys/fs/cgroup", root);
        const double pure = read_upwards(mount, group, read_v2);
        snprintf(mount, sizeof mount, "%s/sys/fs/cgroup/unified", root);
        return fmin(pure, read_upwards(mount, group, read_v2));
    }
    if (!lists_cpu(controllers, length))
        return HUGE_VAL;
    snprintf(mount, sizeof mount, "%s/sys/fs/cgroup/cpu", root);
    return read_upwards(mount, group, read_v1);
}

double cvy_quota_read(const char *root)
{
    char path[PATH_BYTES], line[LINE_BYTES];
    double smallest = HUGE_VAL;

    snprintf(path, sizeof path, "%s/proc/self/cgroup", root);
    FILE *file = fopen(path, "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        smallest = fmin(smallest, read_group(root, line));
    if (file != NULL)
        fclose(file);
    return smallest;
}
