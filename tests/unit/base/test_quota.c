/* Limits of control groups, in trees of files like those of Linux. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/quota.h"

static char root[] = "/tmp/convoy-quota-XXXXXX";

static void begin(void)
{
    cr_assert_not_null(mkdtemp(root));
}

static void end(void)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", root);
    cr_expect(zero(int, system(command)));
}

TestSuite(quota, .init = begin, .fini = end);

static void put(const char *path, const char *text)
{
    char command[512], name[256];

    snprintf(name, sizeof name, "%s/%s", root, path);
    snprintf(command, sizeof command, "mkdir -p \"$(dirname '%s')\"", name);
    cr_assert(zero(int, system(command)));
    FILE *file = fopen(name, "w");
    cr_assert_not_null(file);
    fputs(text, file);
    cr_assert(zero(int, fclose(file)));
}

Test(quota, none_without_groups)
{
    cr_expect(isinf(cvy_quota_read(root)));
}

Test(quota, the_smallest_on_the_way_up)
{
    put("proc/self/cgroup", "0::/a/b\n");
    put("sys/fs/cgroup/a/b/cpu.max", "max 100000\n");
    put("sys/fs/cgroup/a/cpu.max", "250000 100000\n");
    cr_expect(eq(dbl, cvy_quota_read(root), 2.5));
    put("sys/fs/cgroup/a/b/cpu.max", "50000 100000\n");
    cr_expect(eq(dbl, cvy_quota_read(root), 0.5));
}

/* Inside of a container the group's path is often not to be seen, and its files are on top. */
Test(quota, a_container)
{
    put("proc/self/cgroup", "0::/docker/0123\n");
    put("sys/fs/cgroup/cpu.max", "300000 100000\n");
    cr_expect(eq(dbl, cvy_quota_read(root), 3));
}

Test(quota, version_1)
{
    put("proc/self/cgroup", "4:memory:/x\n3:cpuset:/\n2:cpu,cpuacct:/x\n");
    put("sys/fs/cgroup/cpu/x/cpu.cfs_quota_us", "150000\n");
    put("sys/fs/cgroup/cpu/x/cpu.cfs_period_us", "100000\n");
    put("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
    put("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
    cr_expect(eq(dbl, cvy_quota_read(root), 1.5));
}

Test(quota, both_versions)
{
    put("proc/self/cgroup", "1:cpuacct,cpu:/\n0::/\n");
    put("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "400000\n");
    put("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
    put("sys/fs/cgroup/unified/cpu.max", "200000 100000\n");
    cr_expect(eq(dbl, cvy_quota_read(root), 2));
}

Test(quota, files_that_make_no_sense)
{
    put("proc/self/cgroup", "0::/\nx\n:\n::\n3:cpu\n");
    put("sys/fs/cgroup/cpu.max", "many\n");
    cr_expect(isinf(cvy_quota_read(root)));
    put("sys/fs/cgroup/cpu.max", "100000 0\n");
    cr_expect(isinf(cvy_quota_read(root)));
    put("sys/fs/cgroup/cpu.max", "");
    cr_expect(isinf(cvy_quota_read(root)));
}

Test(quota, memory_of_version_2)
{
    put("proc/self/cgroup", "0::/a/b\n");
    put("sys/fs/cgroup/a/b/memory.max", "max\n");
    cr_expect(isinf(cvy_quota_read_memory(root)));
    put("sys/fs/cgroup/a/memory.max", "536870912\n");
    cr_expect(eq(dbl, cvy_quota_read_memory(root), 536870912));
    cr_expect(isinf(cvy_quota_read(root)));
}

Test(quota, memory_of_version_1)
{
    put("proc/self/cgroup", "5:memory:/x\n4:cpu:/\n");
    put("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n"); /* no limit */
    cr_expect(isinf(cvy_quota_read_memory(root)));
    put("sys/fs/cgroup/memory/x/memory.limit_in_bytes", "104857600\n");
    cr_expect(eq(dbl, cvy_quota_read_memory(root), 104857600));
    put("sys/fs/cgroup/memory/x/memory.limit_in_bytes", "");
    cr_expect(isinf(cvy_quota_read_memory(root)));
}
