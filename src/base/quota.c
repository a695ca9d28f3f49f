#include "base/quota.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/number.h"

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
    const double microseconds = cvy_number_read(quota, NULL);
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
    return period != NULL ? processors(line, cvy_number_read(period, NULL)) : HUGE_VAL;
}

/* "max" or a number of bytes; version 1 has a number near 2^63 for no limit. */
static double read_bytes(const char *folder, const char *name)
{
    char path[PATH_BYTES], line[LINE_BYTES];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    const double bytes = read_line(path, line) ? cvy_number_read(line, NULL) : 0;
    return bytes > 0 && bytes < 0x1p62 ? bytes : HUGE_VAL;
}

static double read_memory_v2(const char *folder)
{
    return read_bytes(folder, "memory.max");
}

static double read_memory_v1(const char *folder)
{
    return read_bytes(folder, "memory.limit_in_bytes");
}

static double read_v1(const char *folder)
{
    char path[PATH_BYTES], quota[LINE_BYTES], period[LINE_BYTES];

    snprintf(path, sizeof path, "%s/cpu.cfs_quota_us", folder);
    if (!read_line(path, quota))
        return HUGE_VAL;
    snprintf(path, sizeof path, "%s/cpu.cfs_period_us", folder);
    return read_line(path, period) ? processors(quota, cvy_number_read(period, NULL)) : HUGE_VAL;
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

/* A limit, as both versions of control groups have it. */
typedef struct {
    const char *controller, *mount; /* version 1 */
    double (*read_v1)(const char *folder), (*read_v2)(const char *folder);
} group_limit;

/* Whether "cpu,cpuacct" lists cpu. */
static bool lists(const char *controllers, size_t length, const char *wanted)
{
    while (length > 0) {
        const size_t name = strcspn(controllers, ",:");
        if (name == strlen(wanted) && strncmp(controllers, wanted, name) == 0)
            return true;
        controllers += name + 1;
        length -= name < length ? name + 1 : length;
        length = controllers[-1] == ',' ? length : 0;
    }
    return false;
}

/* Parse a line "NUMBER:CONTROLLERS:PATH" of /proc/self/cgroup; no controllers means version 2. */
static double read_group(const char *root, char *line, const group_limit *limit)
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
        const double pure = read_upwards(mount, group, limit->read_v2);
        snprintf(mount, sizeof mount, "%s/sys/fs/cgroup/unified", root);
        return fmin(pure, read_upwards(mount, group, limit->read_v2));
    }
    if (!lists(controllers, length, limit->controller))
        return HUGE_VAL;
    snprintf(mount, sizeof mount, "%s/sys/fs/cgroup/%s", root, limit->mount);
    return read_upwards(mount, group, limit->read_v1);
}

static double read_limit(const char *root, const group_limit *limit)
{
    char path[PATH_BYTES], line[LINE_BYTES];
    double smallest = HUGE_VAL;

    snprintf(path, sizeof path, "%s/proc/self/cgroup", root);
    FILE *file = fopen(path, "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL)
        smallest = fmin(smallest, read_group(root, line, limit));
    if (file != NULL)
        fclose(file);
    return smallest;
}

double cvy_quota_read(const char *root)
{
    static const group_limit processor_time = { "cpu", "cpu", read_v1, read_v2 };
    return read_limit(root, &processor_time);
}

double cvy_quota_read_memory(const char *root)
{
    static const group_limit memory = { "memory", "memory", read_memory_v1, read_memory_v2 };
    return read_limit(root, &memory);
}
