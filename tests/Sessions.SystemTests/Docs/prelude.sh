# What a documented command runs with in the tests: as typed, but a failure of any of them is one of the block.
set -euo pipefail

curl() {
  local argument
  for argument in "$@"; do
    if [[ $argument == -N ]]; then
      # A stream has no end: that it is open for some seconds is all there is to see.
      command curl --silent --show-error --fail-with-body --max-time 3 "$@" || [[ $? == 28 ]]
      return
    fi
  done
  command curl --silent --show-error --fail-with-body --max-time 60 "$@"
}
