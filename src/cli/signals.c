#include "cli/signals.h"

#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/mapped.h"
#include "base/output.h"
#include "base/stop.h"
#include "base/temporary.h"

static const int caught[] = { SIGINT, SIGTERM, SIGHUP, SIGXCPU };
enum { CAUGHT_COUNT = sizeof caught / sizeof *caught };

static volatile sig_atomic_t stop_signal;

/* A signal soon after the first is the same request sent twice: timeout(1) signals its child and then
 * its process group, and a closed terminal's SIGHUP comes from the system and from the shell. */
enum { SAME_REQUEST_MILLISECONDS = 500 };
static atomic_llong first_at; /* 0: there was none */

static long long milliseconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000 + 1;
}

/* Calls only functions that are safe in a signal handler. */
static void note(int number)
{
    struct sigaction usual = { .sa_handler = SIG_DFL };
    const long long now = milliseconds();
    long long first = 0;

    if (atomic_compare_exchange_strong(&first_at, &first, now)) {
        stop_signal = number;
        cvy_stop_request();
    } else if (now - first > SAME_REQUEST_MILLISECONDS) {
        cvy_temporary_remove_all();
        sigaction(number, &usual, NULL);
        raise(number); /* delivered when this handler returns */
    }
}

static void carry_on(int number)
{
    (void)number;
}

bool cvy_stdout_is_abandoned(void)
{
    struct pollfd state = { .fd = STDOUT_FILENO, .events = POLLOUT };
    struct sigaction now;

    return ferror(stdout) && poll(&state, 1, 0) == 1 && (state.revents & POLLERR) != 0 &&
           sigaction(SIGPIPE, NULL, &now) == 0 && now.sa_handler == carry_on;
}

int cvy_signals_settle(int exit_status)
{
    struct sigaction usual = { .sa_handler = SIG_DFL };

    if (exit_status != 0 && cvy_stdout_is_abandoned()) {
        sigaction(SIGPIPE, &usual, NULL);
        raise(SIGPIPE);
    }
    return exit_status;
}

static void write_text(const char *text)
{
    if (write(STDERR_FILENO, text, strlen(text)) < 0)
        return; /* there is nowhere to report it */
}

/* Calls only functions that are safe in a signal handler. */
static void leave(int number)
{
    write_text(cvy_output_has_saved() ? "convoy: stopped\n"
                                      : "convoy: stopped; nothing was saved\n");
    cvy_temporary_remove_all();
    _exit(128 + number);
}

/* A mapped file has lost the page at this address. Nothing can be made up for it, so the program ends. */
static void report_lost_file(int number, siginfo_t *about, void *context)
{
    struct sigaction usual = { .sa_handler = SIG_DFL };
    static atomic_flag is_reported = ATOMIC_FLAG_INIT;
    const char *path = cvy_mapped_find(about->si_addr);

    (void)context;
    if (path == NULL) { /* not a file of ours: the same access raises the signal again */
        sigaction(number, &usual, NULL);
        return;
    }
    while (atomic_flag_test_and_set(&is_reported))
        pause(); /* another worker is at the same place, and ends the process */
    write_text("convoy: ");
    write_text(path);
    write_text(": shortened or unreadable while in use, expected a file that stays as it is during "
               "the run\n");
    cvy_temporary_remove_all();
    _exit(1);
}

static void catch (void (*handler)(int))
{
    /* a read or write in progress is resumed */
    struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART }, before;

    for (size_t i = 0; i < CAUGHT_COUNT; i++)
        sigaddset(&action.sa_mask, caught[i]);
    for (size_t i = 0; i < CAUGHT_COUNT; i++)
        if (sigaction(caught[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(caught[i], &action, NULL);
}

/* A handler rather than SIG_IGN, which child programs would inherit. */
void cvy_signals_prepare(void)
{
    static const int writes[] = { SIGPIPE, SIGXFSZ };
    struct sigaction action = { .sa_handler = carry_on, .sa_flags = SA_RESTART }, before;

    for (size_t i = 0; i < sizeof writes / sizeof *writes; i++)
        if (sigaction(writes[i], NULL, &before) == 0 && before.sa_handler == SIG_DFL)
            sigaction(writes[i], &action, NULL);
    catch (leave);
    action = (struct sigaction){ .sa_sigaction = report_lost_file, .sa_flags = SA_SIGINFO };
    sigaction(SIGBUS, &action, NULL);
}

void cvy_signals_catch(void)
{
    catch (note);
}

bool cvy_stop_requested(void)
{
    return stop_signal != 0;
}

int cvy_stop_signal(void)
{
    return stop_signal;
}

void cvy_stop_adopt(int number)
{
    if (stop_signal == 0)
        stop_signal = number;
}
