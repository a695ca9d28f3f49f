#include "cli/signals.h"

#include <signal.h>
#include <stddef.h>

static const int caught[] = { SIGINT, SIGTERM };
enum { CAUGHT_COUNT = sizeof caught / sizeof *caught };

static volatile sig_atomic_t stop_signal;

static void note(int number)
{
    struct sigaction usual = { .sa_handler = SIG_DFL };

    stop_signal = number;
    for (size_t i = 0; i < CAUGHT_COUNT; i++)
        sigaction(caught[i], &usual, NULL);
}

void cvy_signals_catch(void)
{
    /* a read or write that is under way is taken up again */
    struct sigaction action = { .sa_handler = note, .sa_flags = SA_RESTART }, before;

    for (size_t i = 0; i < CAUGHT_COUNT; i++)
        sigaddset(&action.sa_mask, caught[i]);
    for (size_t i = 0; i < CAUGHT_COUNT; i++)
        if (sigaction(caught[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(caught[i], &action, NULL);
}

bool cvy_stop_requested(void)
{
    return stop_signal != 0;
}

int cvy_stop_signal(void)
{
    return stop_signal;
}
