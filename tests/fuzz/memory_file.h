/* Bytes as a file that has a path but lies in memory, for readers that work on files. */
#ifndef CONVOY_TESTS_MEMORY_FILE_H
#define CONVOY_TESTS_MEMORY_FILE_H

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    int descriptor;
    char path[32];
} memory_file;

/** False where the system gives no such file. */
bool memory_file_open(memory_file *file, const void *bytes, size_t size);

void memory_file_close(memory_file *file);

#endif
