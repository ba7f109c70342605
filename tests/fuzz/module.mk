# Targets that need less than every folder.
USES_fuzz_json := schemas base
USES_fuzz_schema := schemas base
USES_fuzz_words := schemas base
USES_fuzz_probe_sockaddr := probe base
