/* What every function of convoy that can fail returns, and the sentence that goes with it. */
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

/* code, its text: the one list that the enum and cvy_status_text() are made from */
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

/** What a code means in general. Never NULL; the text is constant. Any thread. */
CVY_API const char *cvy_status_text(cvy_status status);

/**
 * What went wrong in the last call of this thread that failed: which file or setting, where, what
 * was found, what was expected. A second line, where there is one, says how to mend it.
 * Never NULL; valid until the next failing call of the same thread. Each thread has its own.
 */
CVY_API const char *cvy_error_message(void);

#ifdef __cplusplus
}
#endif

#endif
