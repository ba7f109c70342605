/* What stages mean, which other suites build for themselves. */
#include "tests/oracle/stages.c"
