/*
 * qql/cli/howto.h - "How to Search", the text of `qql help`.
 */
#ifndef QQL_CLI_HOWTO_H
#define QQL_CLI_HOWTO_H

extern const char cli_howto[];

#endif
