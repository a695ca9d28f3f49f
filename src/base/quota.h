/* The processor time and the memory that the system grants this process: the limits of its control
 * groups. */
#ifndef CVY_BASE_QUOTA_H
#define CVY_BASE_QUOTA_H

/**
 * The smallest quota of the process's group and its parents, in processors; infinite if there is
 * none. Supports groups of version 2 (cpu.max) and of version 1 (cpu.cfs_quota_us).
 * root  prefix of /proc and /sys: "" except in tests
 * Source: Linux, Documentation/admin-guide/cgroup-v2.rst, and scheduler/sched-bwc.rst.
 */
double cvy_quota_read(const char *root);

/** Likewise, the smallest limit on memory in bytes (memory.max, memory.limit_in_bytes). Beyond it the
 *  system kills the process. */
double cvy_quota_read_memory(const char *root);

#endif
