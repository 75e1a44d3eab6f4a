#!/usr/bin/env bash
# The head process on a Slurm cluster, started in the folder of an experiment:
#   bash /path/to/vigil/profiles/slurm/head.sh [words for snakemake]
# If an earlier one was killed, its waiting jobs are cancelled, its running jobs are waited for,
# and the workflow goes on from there. docs/cluster.md tells how to start it as a job of its own.
set -euo pipefail
profile=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
vigil=${VIGIL:-$(cd "$profile/../.." && pwd)} # a copy of this folder beside an experiment says where
python=$vigil/.venv/bin/python
[ -x "$python" ] || python=python # that of a conda environment or a module
snakemake=("$python" -m snakemake -s "$vigil/Snakefile" --profile "$profile")

# Snakemake's lock does not tell a head process that runs from one that was killed
mkdir -p .snakemake
note=.snakemake/head
locked() { compgen -G ".snakemake/locks/*" >/dev/null; }
refuse() {
  echo "Not started: $*" >&2
  exit 1
}
if [ -s $note ]; then
  read -r host pid job <$note
  if [ "$job" != - ]; then
    [ "$job" = "${SLURM_JOB_ID:-}" ] || [ -z "$(squeue -h -t R,CG -j "$job" 2>/dev/null)" ] ||
      refuse "the head process of this folder runs already, as job $job"
  elif [ "$host" = "$(hostname)" ]; then
    ! kill -0 "$pid" 2>/dev/null || refuse "the head process of this folder runs already, as process $pid"
  elif locked; then
    refuse "a head process of this folder was started on $host (process $pid); if it is gone, remove $PWD/$note and $PWD/.snakemake/locks"
  fi
elif locked; then
  refuse "this folder is locked by a snakemake that was started without head.sh; if it is gone, remove $PWD/.snakemake/locks"
fi
echo "$(hostname) $$ ${SLURM_JOB_ID:--}" >$note

# the plugin writes the rule into a job's comment, so a head process that is a job is none of these
left() {
  squeue -h -u "$(id -un)" -t "$1" -o '%i|%Z|%k' |
    awk -F'|' -v here="$(pwd -P)" '$2 == here && $3 ~ /^(rule|group)_/ { print $1 }'
}
waiting=$(left PD)
if [ -n "$waiting" ]; then
  echo "Cancelling jobs of an earlier head process that wait:" $waiting
  scancel $waiting
fi
told=
while running=$(left PD,CF,R,S,CG) && [ -n "$running" ]; do
  [ "$running" = "$told" ] || echo "Waiting for jobs of an earlier head process:" $running
  told=$running
  sleep "${VIGIL_HEAD_WAIT_S:-20}"
done
if locked; then "${snakemake[@]}" --unlock; fi
exec "${snakemake[@]}" "$@"
