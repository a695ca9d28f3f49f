#include "formats/download.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "convoy/status.h"

/* The part of libcurl's interface in use, with the constants of its curl.h, which never change.
 * Before version 7.85 PROTOCOLS_STR is unknown, and libcurl's own list of protocols applies. */
enum {
    OPTION_WRITEDATA = 10001,
    OPTION_URL = 10002,
    OPTION_ERRORBUFFER = 10010,
    OPTION_USERAGENT = 10018,
    OPTION_PROTOCOLS_STR = 10318,
    OPTION_REDIR_PROTOCOLS_STR = 10319,
    OPTION_XFERINFODATA = 10057,
    OPTION_WRITEFUNCTION = 20011,
    OPTION_XFERINFOFUNCTION = 20219,
    OPTION_LOW_SPEED_LIMIT = 19,
    OPTION_LOW_SPEED_TIME = 20,
    OPTION_NOPROGRESS = 43,
    OPTION_FAILONERROR = 45,
    OPTION_FOLLOWLOCATION = 52,
    OPTION_MAXREDIRS = 68,
    OPTION_CONNECTTIMEOUT = 78,
    OPTION_NOSIGNAL = 99,
    OPTION_RESUME_FROM_LARGE = 30116,
    OPTION_MAXFILESIZE_LARGE = 30117,
    RESULT_OK = 0,
    RESULT_RANGE_ERROR = 33,
    RESULT_BAD_RESUME = 36,
    RESULT_HTTP_ERROR = 22,
    INFO_RESPONSE_CODE = 0x200002,
    HTTP_NO_SUCH_RANGE = 416,
    GLOBAL_ALL = 3,
    ERROR_BYTES = 256,
};

typedef struct {
    void *library;
    int (*global_init)(long flags);
    void *(*easy_init)(void);
    int (*easy_setopt)(void *handle, int option, ...);
    int (*easy_perform)(void *handle);
    int (*easy_getinfo)(void *handle, int info, ...);
    void (*easy_cleanup)(void *handle);
    const char *(*easy_strerror)(int code);
} curl_library;

static curl_library curl;
static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void *find(const char *name)
{
    return curl.library != NULL ? dlsym(curl.library, name) : NULL;
}

static void load(void)
{
    static const char *const names[] = { "libcurl.so.4", "libcurl-gnutls.so.4" };

    for (size_t i = 0; i < 2 && curl.library == NULL; i++)
        curl.library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
    /* POSIX allows converting a data pointer to a function pointer this way */
    *(void **)&curl.global_init = find("curl_global_init");
    *(void **)&curl.easy_init = find("curl_easy_init");
    *(void **)&curl.easy_setopt = find("curl_easy_setopt");
    *(void **)&curl.easy_perform = find("curl_easy_perform");
    *(void **)&curl.easy_getinfo = find("curl_easy_getinfo");
    *(void **)&curl.easy_cleanup = find("curl_easy_cleanup");
    *(void **)&curl.easy_strerror = find("curl_easy_strerror");
    if (curl.global_init != NULL)
        curl.global_init(GLOBAL_ALL);
}

static bool is_loaded(void)
{
    pthread_once(&curl_once, load);
    return curl.global_init != NULL && curl.easy_init != NULL && curl.easy_setopt != NULL &&
           curl.easy_perform != NULL && curl.easy_getinfo != NULL && curl.easy_cleanup != NULL &&
           curl.easy_strerror != NULL;
}

/* A download in progress. */
typedef struct {
    FILE *file;
    uint64_t resumed, written, limit;
    long response; /* HTTP response code; 0: none */
    bool has_write_error, is_stopped, is_too_long;
    int write_error; /* errno */
    cvy_download_progress *progress;
    void *context;
} transfer;

static void note_write_error(transfer *t)
{
    if (!t->has_write_error)
        t->write_error = errno;
    t->has_write_error = true;
}

static size_t take_bytes(char *bytes, size_t size, size_t count, void *user)
{
    transfer *t = user;
    const size_t given = size * count;

    t->is_too_long = t->resumed + t->written + given > t->limit;
    if (t->is_too_long)
        return 0;
    const size_t written = fwrite(bytes, 1, given, t->file);
    t->written += written;
    if (written < given)
        note_write_error(t);
    return written;
}

static int tell_progress(void *user, off_t total, off_t now, off_t up_total, off_t up_now)
{
    transfer *t = user;

    (void)up_total;
    (void)up_now;
    if (t->progress != NULL && !t->progress(t->context, t->resumed + (uint64_t)now,
                                            total > 0 ? t->resumed + (uint64_t)total : 0))
        t->is_stopped = true;
    return t->is_stopped;
}

static int perform(const char *url, transfer *t, char error[ERROR_BYTES])
{
    void *handle = curl.easy_init();

    error[0] = '\0';
    if (handle == NULL)
        return -1;
    curl.easy_setopt(handle, OPTION_URL, url);
    curl.easy_setopt(handle, OPTION_USERAGENT, "convoy");
    curl.easy_setopt(handle, OPTION_PROTOCOLS_STR, "http,https,ftp,file");
    curl.easy_setopt(handle, OPTION_REDIR_PROTOCOLS_STR, "http,https");
    curl.easy_setopt(handle, OPTION_ERRORBUFFER, error);
    curl.easy_setopt(handle, OPTION_FAILONERROR, 1L);
    curl.easy_setopt(handle, OPTION_FOLLOWLOCATION, 1L);
    curl.easy_setopt(handle, OPTION_MAXREDIRS, 10L);
    curl.easy_setopt(handle, OPTION_NOSIGNAL, 1L);
    curl.easy_setopt(handle, OPTION_CONNECTTIMEOUT, 30L);
    curl.easy_setopt(handle, OPTION_LOW_SPEED_LIMIT, 100L);
    curl.easy_setopt(handle, OPTION_LOW_SPEED_TIME, 60L);
    curl.easy_setopt(handle, OPTION_WRITEFUNCTION, take_bytes);
    curl.easy_setopt(handle, OPTION_WRITEDATA, t);
    curl.easy_setopt(handle, OPTION_NOPROGRESS, 0L);
    curl.easy_setopt(handle, OPTION_XFERINFOFUNCTION, tell_progress);
    curl.easy_setopt(handle, OPTION_XFERINFODATA, t);
    curl.easy_setopt(handle, OPTION_RESUME_FROM_LARGE, (off_t)t->resumed);
    const int result = curl.easy_perform(handle);
    curl.easy_getinfo(handle, INFO_RESPONSE_CODE, &t->response);
    curl.easy_cleanup(handle);
    return result;
}

static cvy_status open_file(const char *path, transfer *t)
{
    t->file = fopen(path, "abe");
    if (t->file == NULL)
        return cvy_fail(CVY_ERR_OPEN, "%s: %s", path, strerror(errno));
    const off_t size = fseeko(t->file, 0, SEEK_END) == 0 ? ftello(t->file) : 0;
    t->resumed = size > 0 ? (uint64_t)size : 0;
    return CVY_OK;
}

/* Whether the server cannot resume: it refuses, or sends the whole file. Then start again. */
static bool cannot_resume(const transfer *t, int result)
{
    return t->resumed > 0 && (result == RESULT_RANGE_ERROR || result == RESULT_BAD_RESUME ||
                              (result == RESULT_HTTP_ERROR && t->response == HTTP_NO_SUCH_RANGE));
}

static bool start_again(const char *path, transfer *t)
{
    fclose(t->file);
    t->file = fopen(path, "wbe");
    t->resumed = t->written = 0;
    return t->file != NULL;
}

static cvy_status conclude(const char *url, const char *path, const transfer *t, int result,
                           const char *error)
{
    if (t->is_stopped)
        return cvy_fail(CVY_ERR_STOPPED, "%s: stopped; the same command resumes it", url);
    if (t->has_write_error)
        return cvy_fail(CVY_ERR_WRITE, "%s: %s", path, strerror(t->write_error));
    if (t->is_too_long)
        return cvy_fail(CVY_ERR_READ, "%s: longer than the %llu bytes that are expected", url,
                        (unsigned long long)t->limit);
    if (result != RESULT_OK)
        return cvy_fail(CVY_ERR_READ, "%s: %s", url,
                        error[0] != '\0' ? error
                        : result < 0     ? "out of memory"
                                         : curl.easy_strerror(result));
    return CVY_OK;
}

cvy_status cvy_download(const char *url, const char *path, uint64_t limit,
                        cvy_download_progress *progress, void *context)
{
    transfer t = { .limit = limit, .progress = progress, .context = context };
    char error[ERROR_BYTES];

    if (!is_loaded())
        return cvy_fail(CVY_ERR_UNSUPPORTED,
                        "%s: downloads need libcurl, which is not installed (Debian: libcurl4)",
                        url);
    cvy_status status = open_file(path, &t);
    if (status != CVY_OK)
        return status;
    int result = perform(url, &t, error);
    if (cannot_resume(&t, result)) {
        if (!start_again(path, &t))
            return cvy_fail(CVY_ERR_OPEN, "%s: %s", path, strerror(errno));
        result = perform(url, &t, error);
    }
    if (fflush(t.file) != 0 || fsync(fileno(t.file)) != 0)
        note_write_error(&t);
    if (fclose(t.file) != 0)
        note_write_error(&t);
    return conclude(url, path, &t, result, error);
}
