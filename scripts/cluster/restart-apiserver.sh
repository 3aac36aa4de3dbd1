#!/usr/bin/env bash
# Kills the API server of a test cluster in the middle of its work (kill -9) and starts it again as it was.
# Usage: restart-apiserver.sh PIDFILE    the file gets the new process id. Linux only: the command line comes from /proc.
set -euo pipefail
pidfile=$1
pid=$(cat "$pidfile")
mapfile -d '' -t command <"/proc/$pid/cmdline"
kill -KILL "$pid"
# Its port is free once it is gone, or waits to be collected.
while grep -q '^State:.[^Z]' "/proc/$pid/status" 2>/dev/null; do sleep 0.1; done
# Its listener may outlive it by a moment: one that does not get its port ends at once, and is started again.
for _ in {1..10}; do
  setsid "${command[@]}" </dev/null >>"$pidfile.restarted.log" 2>&1 &
  started=$!
  sleep 2
  if grep -q '^State:.[^Z]' "/proc/$started/status" 2>/dev/null; then
    printf '%s\n' "$started" >"$pidfile"
    exit 0
  fi
done
printf 'the API server does not start again; see %s.restarted.log\n' "$pidfile" >&2
exit 1
