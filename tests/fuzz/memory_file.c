#define _GNU_SOURCE
#include "fuzz/memory_file.h"

#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

bool memory_file_open(memory_file *file, const void *bytes, size_t size)
{
    file->descriptor = memfd_create("input", MFD_CLOEXEC);
    if (file->descriptor < 0)
        return false;
    snprintf(file->path, sizeof file->path, "/proc/self/fd/%d", file->descriptor);
    if (write(file->descriptor, bytes, size) == (ssize_t)size)
        return true;
    close(file->descriptor);
    return false;
}

void memory_file_close(memory_file *file)
{
    close(file->descriptor);
}
