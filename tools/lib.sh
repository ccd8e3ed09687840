# Shell helpers of the scripts in this folder; sourced, never run.
# shellcheck shell=bash
#
# Everything said here goes to stderr, so that a script's stdout stays its own.

ninety_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)

# Exit statuses, as the programs' own (sysexits.h).
# shellcheck disable=SC2034
readonly EX_USAGE=64 EX_UNAVAILABLE=69 EX_NOPERM=77

if [ -t 2 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
	c_bold=$'\e[1m' c_red=$'\e[31m' c_green=$'\e[32m' c_dim=$'\e[2m'
	c_off=$'\e[0m'
else
	c_bold='' c_red='' c_green='' c_dim='' c_off=''
fi

say() { printf '%s\n' "$*" >&2; }
step() { printf '%s==> %s%s\n' "$c_bold" "$*" "$c_off" >&2; }
good() { printf '    %sok%s   %s\n' "$c_green" "$c_off" "$*" >&2; }
bad() { printf '    %sFAIL%s %s\n' "$c_red" "$c_off" "$*" >&2; }
note() { printf '    %snote%s %s\n' "$c_dim" "$c_off" "$*" >&2; }

# die STATUS TEXT...
die() {
	local status=$1
	shift
	printf '%s%s:%s %s\n' "$c_red" "$(basename "$0")" "$c_off" "$*" >&2
	exit "$status"
}

have() { command -v "$1" >/dev/null 2>&1; }

# say_once KEY TEXT...: the same remark is made once a run.
declare -A said_once=()
say_once() {
	local key=$1
	shift
	if [ -z "${said_once[$key]:-}" ]; then
		said_once[$key]=1
		note "$*"
	fi
}

# run_logged LOG COMMAND...: quiet while it works; on failure the log's end.
run_logged() {
	local log=$1
	shift
	if "$@" >"$log" 2>&1 </dev/null; then
		return 0
	fi
	tail -n 60 "$log" >&2
	say "    (all of it: $log)"
	return 1
}

# port_is_free PORT: nobody listens there on loopback.
port_is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# free_port FIRST: FIRST, or the next free one of the hundred after it.
free_port() {
	local port
	for ((port = $1; port < $1 + 100; port++)); do
		if port_is_free "$port"; then
			printf '%s\n' "$port"
			return 0
		fi
	done
	return 1
}

# memlock_is_small KIB: this process may lock less than that.
memlock_is_small() {
	local limit
	limit=$(ulimit -l)
	[ "$limit" != unlimited ] && [ "$limit" -lt "$1" ]
}

# Landlock: since Linux 5.13, where it is built in and switched on.
landlock_is_there() {
	[ -r /sys/kernel/security/lsm ] &&
		grep -q landlock /sys/kernel/security/lsm
}

# seconds_since START ($SECONDS then), as "3 min 05 s".
seconds_since() {
	local s=$((SECONDS - $1))
	if [ "$s" -ge 60 ]; then
		printf '%d min %02d s' $((s / 60)) $((s % 60))
	else
		printf '%d s' "$s"
	fi
}
