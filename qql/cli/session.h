/*
 * qql/cli/session.h - what the dispatcher opens for a command.
 */
#ifndef QQL_CLI_SESSION_H
#define QQL_CLI_SESSION_H

#include "qql/cli/cli.h"

/* ERR_IO for a store that is not there: it could not be opened. */
MUST_CHECK int cli_session_open(struct cli *c, unsigned needs, struct err *err);
void cli_session_close(struct cli *c);
/* Is --output one of `forms` (NULL: that is for others to say)? */
MUST_CHECK int cli_check_form(const struct cli *c, const char *const *forms,
			      struct err *err);

/* Is `word` nearly the name of a command? */
bool cli_near_command(struct slice word, struct slice *name);
/* Shows the options of the command of that name; false if there is none. */
bool cli_command_help(const char *name);

#endif
