// SPDX-License-Identifier: GPL-2.0-or-later
/* Which signals end the tool in good order. */
#include "signals.h"
#include "util.h"

#include <signal.h>
#include <stddef.h>

static const int caught[] = { SIGINT, SIGTERM, SIGHUP };
static volatile sig_atomic_t pending;

static void remember(int signo)
{
	if (!pending)
		pending = signo;
}

void nest_signals_install(void)
{
	struct sigaction action = { .sa_handler = remember, .sa_flags = (int)SA_RESETHAND };
	struct sigaction before;
	size_t i;

	sigemptyset(&action.sa_mask);
	for (i = 0; i < ARRAY_SIZE(caught); i++) {
		if (!sigaction(caught[i], NULL, &before) && before.sa_handler == SIG_IGN)
			continue;
		sigaction(caught[i], &action, NULL);
	}
}

int nest_signals_pending(void)
{
	return pending;
}

void nest_signals_restore_and_raise(void)
{
	sigset_t set;

	if (!pending)
		return;
	signal(pending, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, pending);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(pending);
}
