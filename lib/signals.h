/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Signals that ask the tool to end: INT, TERM and HUP set a flag, which is looked at between steps,
 * so that the way out is the same as after an error. The flag belongs to the process.
 */
#ifndef NEST_SIGNALS_H
#define NEST_SIGNALS_H

/*
 * Catches the three, without SA_RESTART: waits end with EINTR. A second one of the same kind ends
 * the program at once. One that was ignored from the start (nohup) stays ignored.
 */
void nest_signals_install(void);

/* The number of the signal that came first, or 0. */
int nest_signals_pending(void);

/*
 * If one is pending: default action, raised again, so that the caller's parent sees what ended us.
 * If none is, it does nothing.
 */
void nest_signals_restore_and_raise(void);

#endif
