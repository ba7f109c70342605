/* The plain-scan oracle, which other suites build for themselves. */
#include "tests/oracle/oracle.c"
