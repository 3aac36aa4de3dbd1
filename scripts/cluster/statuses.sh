# shellcheck shell=bash
# For a cluster without nodes: writes the statuses that a kubelet would write, as one was recorded to write them.
# Sourced by test-cluster.sh, which has `admin`.
#   fail_workloads IMAGE

pod_of() { # pod_of APP: its name, once the ReplicaSet's controller has made it
  local name try
  for try in {1..60}; do
    name=$(admin get pods --selector "app=$1" -o jsonpath='{.items[0].metadata.name}' 2>/dev/null)
    [[ -z $name ]] || break
    ((try < 60)) || die "no pod of $1 after a minute"
    sleep 1
  done
  printf '%s\n' "$name"
}

container_id() { printf 'containerd://%s' "$(head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n')"; }

set_status() { # set_status APP LIST-OF-CONTAINER-STATUSES JSON [PHASE]
  admin patch pod "$(pod_of "$1")" --subresource=status --type=merge \
    -p "{\"status\":{\"phase\":\"${4:-Running}\",\"$2\":[$3]}}" >/dev/null
}

fail_workloads() {
  local image=$1
  local now
  now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
  terminated() { # terminated REASON EXIT-CODE
    printf '{"terminated":{"reason":"%s","exitCode":%d,"startedAt":"%s","finishedAt":"%s","containerID":"%s"}}' \
      "$1" "$2" "$now" "$now" "$(container_id)"
  }
  waiting() { printf '{"waiting":{"reason":"%s","message":"%s"}}' "$1" "$2"; }
  status() { # status NAME IMAGE RESTARTS STATE LAST-STATE
    printf '{"name":"%s","image":"%s","imageID":"","ready":false,"restartCount":%d,"state":%s,"lastState":%s}' "$@"
  }
  set_status checkout containerStatuses "$(status api "$image" 1 \
    "$(waiting CrashLoopBackOff 'back-off 10s restarting failed container=api')" "$(terminated Error 3)")"
  # Only lastState shows it, as is most often seen.
  set_status resizer containerStatuses "$(status resizer "$image" 1 \
    '{"running":{"startedAt":"'"$now"'"}}' "$(terminated OOMKilled 137)")"
  set_status indexer containerStatuses "$(status indexer registry.invalid/indexer:1 0 \
    "$(waiting ErrImagePull 'no such host')" '{}')" Pending
  set_status ledger initContainerStatuses "$(status migrate "$image" 1 \
    "$(waiting CrashLoopBackOff 'back-off 10s restarting failed container=migrate')" "$(terminated Error 1)")" Pending
}
