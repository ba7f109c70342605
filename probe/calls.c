/*
 * probe/calls.c - the table of trapped system calls.
 */
#include "probe/calls.h"

#include <sys/syscall.h>

#include "base/compiler.h"
#include "probe/decode.h"

const struct probe_call probe_calls[] = {
#define X(call, decoder, when_)                   \
	{                                         \
		.nr = SYS_##call,                 \
		.name = "sys_" #call,             \
		.when = PROBE_WHEN_##when_,       \
		.decode = probe_decode_##decoder, \
	},
#include "probe/calls.def"
#undef X
};

const size_t probe_ncalls = ARRAY_SIZE(probe_calls);

const struct probe_call *probe_call_by_nr(int nr)
{
	for (size_t i = 0; i < probe_ncalls; i++)
		if (probe_calls[i].nr == nr)
			return &probe_calls[i];
	return NULL;
}
