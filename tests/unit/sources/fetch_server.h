/* A web server of our own on this machine, which a test of fetching runs beside it. */
#ifndef CONVOY_TESTS_FETCH_SERVER_H
#define CONVOY_TESTS_FETCH_SERVER_H

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/digest.h"
#include "unit/data/idx_files.h"

enum { CONTENT_BYTES = 200000 };

/* What it sends, and how much of that. */
static unsigned char content[CONTENT_BYTES];
static size_t content_bytes = CONTENT_BYTES;
static char digest_of_content[CVY_DIGEST_HEX_BYTES];
static pid_t server;
static int port;

static inline void send_all(int client, const void *bytes, size_t size)
{
    const char *at = bytes;

    while (size > 0) {
        const ssize_t count = send(client, at, size, MSG_NOSIGNAL);
        if (count <= 0)
            return;
        at += count;
        size -= (size_t)count;
    }
}

/* The first folder of a path says how the server behaves. */
static inline void answer(int client, const char *request)
{
    char head[256];
    size_t from = 0, to = content_bytes;
    const char *range = strstr(request, "Range: bytes=");

    if (strncmp(request, "GET /missing/", 13) == 0 ||
        (strncmp(request, "GET /rest/", 10) == 0 && range == NULL)) {
        send_all(client, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", 45);
        return;
    }
    if (strncmp(request, "GET /moved/", 11) == 0) {
        snprintf(head, sizeof head,
                 "HTTP/1.1 302 Found\r\nLocation: /good/file\r\nContent-Length: 0\r\n\r\n");
        send_all(client, head, strlen(head));
        return;
    }
    const bool ignores_range = strncmp(request, "GET /whole/", 11) == 0;
    if (range != NULL && !ignores_range)
        from = (size_t)strtoul(range + 13, NULL, 10);
    if (from >= to) {
        send_all(client, "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\n\r\n", 57);
        return;
    }
    if (from > 0)
        snprintf(head, sizeof head,
                 "HTTP/1.1 206 Partial Content\r\nContent-Length: %zu\r\n"
                 "Content-Range: bytes %zu-%zu/%zu\r\n\r\n",
                 to - from, from, to - 1, to);
    else
        snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", to);
    send_all(client, head, strlen(head));
    if (strncmp(request, "GET /cut/", 9) == 0)
        to = from + (to - from) / 2;
    const bool is_wrong = strncmp(request, "GET /wrong/", 11) == 0;
    content[5] = (unsigned char)(content[5] + is_wrong);
    send_all(client, content + from, to - from);
    content[5] = (unsigned char)(content[5] - is_wrong);
}

static inline void serve(int listener)
{
    for (;;) {
        char request[4096] = "";
        size_t used = 0;
        const int client = accept(listener, NULL, NULL);
        while (client >= 0 && strstr(request, "\r\n\r\n") == NULL && used < sizeof request - 1) {
            const ssize_t count = recv(client, request + used, sizeof request - 1 - used, 0);
            if (count <= 0)
                break;
            used += (size_t)count;
            request[used] = '\0';
        }
        if (client >= 0) {
            answer(client, request);
            shutdown(client, SHUT_RDWR);
            close(client);
        }
    }
}

static inline void start_server(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    socklen_t size = sizeof address;
    const int listener = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    cr_assert(listener >= 0 && bind(listener, (struct sockaddr *)&address, size) == 0);
    cr_assert(listen(listener, 8) == 0);
    cr_assert(getsockname(listener, (struct sockaddr *)&address, &size) == 0);
    port = ntohs(address.sin_port);
    server = fork();
    cr_assert(server >= 0);
    if (server == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* it ends with a test that does not reach its end */
        serve(listener);
        _exit(0);
    }
    close(listener);
}

/* The digest of the first `content_bytes` bytes of `content`. */
static inline void digest_content(void)
{
    cvy_digest *digest;

    cr_assert(eq(int, cvy_digest_create(&digest), CVY_OK));
    cvy_digest_add(digest, content, content_bytes);
    cvy_digest_finish(digest, digest_of_content);
}

static inline void stop_server(void)
{
    kill(server, SIGKILL);
    waitpid(server, NULL, 0);
}

/* The address at which the server behaves in that way; valid until the next call. */
static inline const char *url(const char *behaviour)
{
    static char last_url[256];

    snprintf(last_url, sizeof last_url, "http://127.0.0.1:%d/%s/", port, behaviour);
    return last_url;
}

#endif
