#include "cli/signals.h"

#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include "base/stop.h"
#include "base/temporary.h"

static const int caught[] = { SIGINT, SIGTERM, SIGHUP, SIGXCPU };
enum { CAUGHT_COUNT = sizeof caught / sizeof *caught };

static volatile sig_atomic_t stop_signal;

static void note(int number)
{
    struct sigaction usual = { .sa_handler = SIG_DFL };

    stop_signal = number;
    cvy_stop_request();
    for (size_t i = 0; i < CAUGHT_COUNT; i++)
        sigaction(caught[i], &usual, NULL);
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

/* Calls only functions that are safe in a signal handler. */
static void leave(int number)
{
    static const char line[] = "convoy: stopped; nothing was saved\n";

    if (write(STDERR_FILENO, line, sizeof line - 1) < 0)
        number += 0; /* there is nowhere to report it */
    cvy_temporary_remove_all();
    _exit(128 + number);
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
