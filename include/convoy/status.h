/* The status that every function that can fail returns, and the sentence that explains it. */
#ifndef CONVOY_STATUS_H
#define CONVOY_STATUS_H

#if defined(CVY_BUILD_SHARED) && defined(__GNUC__)
#define CVY_API __attribute__((visibility("default")))
#else
#define CVY_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* code, text: the enum and cvy_status_text() are both generated from this list */
#define CVY_STATUS_LIST(X)                                                                         \
    X(CVY_OK, "done")                                                                              \
    X(CVY_ERR_SETTING, "a setting is unknown or out of range")                                     \
    X(CVY_ERR_MEMORY, "out of memory")                                                             \
    X(CVY_ERR_OPEN, "a file cannot be opened")                                                     \
    X(CVY_ERR_READ, "a file cannot be read")                                                       \
    X(CVY_ERR_WRITE, "a file cannot be written")                                                   \
    X(CVY_ERR_FORMAT, "a file is not in the format it should have")                                \
    X(CVY_ERR_DATA, "the data do not fit together")                                                \
    X(CVY_ERR_SHAPE, "shapes do not fit together")                                                 \
    X(CVY_ERR_UNSUPPORTED, "a feature is not supported")                                           \
    X(CVY_ERR_DIVERGED, "the loss is no longer a number")                                          \
    X(CVY_ERR_STOPPED, "stopped on request")                                                       \
    X(CVY_ERR_UNSURE, "a file is saved, but may not survive a power failure")

#define CVY_STATUS_CODE(code, text) code,
typedef enum { CVY_STATUS_LIST(CVY_STATUS_CODE) CVY_STATUS_COUNT } cvy_status;
#undef CVY_STATUS_CODE

/** A general description of a code. Never NULL; the text is constant. Any thread. */
CVY_API const char *cvy_status_text(cvy_status status);

/**
 * What went wrong in this thread's last failing call: which file or setting, where, what was found
 * and what was expected. A second line, if there is one, says how to fix it. Never NULL; valid
 * until the next failing call of the same thread. Each thread has its own.
 */
CVY_API const char *cvy_error_message(void);

#ifdef __cplusplus
}
#endif

#endif
