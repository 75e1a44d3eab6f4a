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
wait_s=${VIGIL_HEAD_WAIT_S:-20}
note=.snakemake/head
refuse() {
  echo "Not started: $*" >&2
  exit 1
}

only_a_look=
for word in "$@"; do
  case $word in
  -d* | --dir*) refuse "$word is not for head.sh, whose folder is the one it is started in; go there and leave it out" ;;
  --dry*) only_a_look=yes ;;
  -*) [[ ! $word =~ ^-[pkfFt]*n[pkfFtq]*$ ]] || only_a_look=yes ;;
  esac
done
[ -z "$only_a_look" ] || exec "${snakemake[@]}" "$@"
command -v squeue >/dev/null || refuse "there is no squeue here; start on a login node of the cluster"

# Snakemake's lock does not tell a head process that runs from one that was killed. Two things do:
# a lock of the system on the note, which snakemake inherits and which ends with it, and the note
# itself, for on some network file systems such a lock is known to its own host alone.
mkdir -p .snakemake
{ exec 9>>$note; } 2>/dev/null ||
  refuse "$PWD/$note cannot be written; it belongs to $(stat -c %U $note .snakemake 2>/dev/null | head -n 1)"
flock -n -E 7 9 2>/dev/null || [ $? != 7 ] || # other failures: the file system has no such locks
  refuse "the head process of this folder runs already ($(<$note)); if it does not, remove $PWD/$note"

# Slurm's jobs of all users, into $queue. No answer does not mean that there are none.
# Programs do not get the lock (9>&-): they may outlive a head process that is killed.
ask() {
  local told=
  until queue=$(timeout 60 squeue -h -o '%A|%i|%t|%Z|%k' 2>&1 9>&-); do
    [ -n "$told" ] || echo "squeue does not answer; it is asked again every $wait_s s: $queue" >&2
    told=yes
    sleep "$wait_s" 9>&-
  done
}
# states of jobs that have not begun
waits='^(PD|RD|RF|RH|RQ|SE)$'
locked() { compgen -G ".snakemake/locks/*" >/dev/null; }
if [ -s $note ]; then
  read -r host pid job <$note
  ours=${SLURM_JOB_ID:--}
  gone="if it is gone, remove $PWD/$note and $PWD/.snakemake/locks"
  if [ "$host" = "$(hostname)" ] && [[ $job = - || $job = "$ours" ]]; then
    # not kill -0, which may not look at another user's; and the number may be another's by now
    [ "$pid" = $$ ] || ! grep -qsE 'snakemake|head\.sh' "/proc/$pid/cmdline" ||
      refuse "the head process of this folder runs already, as process $pid; $gone"
  elif [ "$job" = - ]; then
    ! locked || refuse "a head process of this folder was started on $host (process $pid); $gone"
  elif [ "$job" != "$ours" ]; then # else Slurm has brought this job back on another node
    told=
    while ask && state=$(awk -F'|' -v job="$job" '$1 == job { print $3 }' <<<"$queue") && [ "$state" = CG ]; do
      [ -n "$told" ] || echo "Waiting for the end of an earlier head process: $job"
      told=yes
      sleep "$wait_s" 9>&-
    done
    [ -z "$state" ] || [[ $state =~ $waits ]] ||
      refuse "the head process of this folder runs already, as job $job; $gone"
  fi
elif locked; then
  refuse "this folder is locked by a snakemake that was started without head.sh; if it is gone, remove $PWD/.snakemake/locks"
fi
mine="$(hostname) $$ ${SLURM_JOB_ID:--}"
echo "$mine" >$note

# the plugin writes the rule into a job's comment, so a head process that is a job is none of these
left() {
  here=$(pwd -P) awk -F'|' -v states="$1" \
    '$3 ~ states && $4 == ENVIRON["here"] && $5 ~ /^(rule|group)_/ { print $2 }' <<<"$queue"
}
cancelled=
told=
while ask && running=$(left .) && [ -n "$running" ]; do
  waiting=$(left "$waits")
  if [ -n "$waiting" ]; then
    first=
    [ "$waiting" = "$cancelled" ] || first=yes
    cancelled=$waiting
    [ -z "$first" ] || echo "Cancelling jobs of an earlier head process that wait:" $waiting
    if said=$(timeout 60 scancel $waiting 2>&1 9>&-); then
      [ -z "$first" ] || continue
    elif [ -n "$first" ]; then
      echo "Not all could be cancelled, and those are waited for; another user's job only they can cancel: $said"
    fi
  fi
  [ "$running" = "$told" ] || echo "Waiting for jobs of an earlier head process:" $running
  told=$running
  sleep "$wait_s" 9>&-
done
# a second one, started at the same moment on a host that does not see the lock, wrote after us
[ "$(cat $note 2>/dev/null)" = "$mine" ] || refuse "another head process of this folder was started meanwhile ($(cat $note 2>/dev/null))"
if locked; then "${snakemake[@]}" --unlock "$@"; fi
exec "${snakemake[@]}" "$@"
