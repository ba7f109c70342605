TOOLS += crs-crash-commit
crs-crash-commit_MAIN := tests/crash/main_commit.c
crs-crash-commit_FLOORS := index schemas base
