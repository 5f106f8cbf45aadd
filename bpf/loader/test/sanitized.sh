#!/bin/sh
# Runs the tests against the build with AddressSanitizer and UndefinedBehaviorSanitizer. The RSS test is left out.
# Node itself is not instrumented, so the runtime comes first by LD_PRELOAD; libstdc++ with it, because the runtime
# looks for the functions it wraps at its start. Leaks are the business of the RSS test: Node frees little at its end.
set -e
cd "$(dirname "$0")/.."
make --silent sanitized fixtures
# The addon is chosen by code in each process, also in those that tests start.
export NODE_OPTIONS="--import=$PWD/test/children/sanitized-addon.ts"
export ASAN_OPTIONS=detect_leaks=0:abort_on_error=1
export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
LD_PRELOAD="$(g++ -print-file-name=libasan.so) $(g++ -print-file-name=libstdc++.so)" \
	exec node --test --test-concurrency=1 'source/**/*.test.ts' 'test/*.test.ts'
