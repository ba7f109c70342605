/*
 * schemas/refusal.c - what the reasons of dead letters are called.
 */
#include "schemas/decode.h"

const char *refusal_name(enum refusal r)
{
	static const char *const names[] = {
		[REFUSED_NOT] = "",
		[REFUSED_TOO_LARGE] = "TOO_LARGE",
		[REFUSED_NOT_UTF8] = "NOT_UTF8",
		[REFUSED_TOO_DEEP] = "TOO_DEEP",
		[REFUSED_NOT_JSON] = "NOT_JSON",
		[REFUSED_NOT_OBJECT] = "NOT_OBJECT",
		[REFUSED_NO_VALUE] = "NO_VALUE",
		[REFUSED_NO_KEY] = "NO_KEY",
		[REFUSED_GAP] = "GAP",
	};

	return names[r];
}
