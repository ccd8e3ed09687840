#!/usr/bin/env bash
# The systemd unit says what systemd understands, and its sandbox scores 1.5
# or better. Needs no running systemd, only its program.
set -eu
command -v systemd-analyze >/dev/null || {
	echo "systemd-analyze is not here"
	exit 77
}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# The programs are not installed: any that exists will do here.
sed 's|=[^ ]*/ninetyd |=/bin/true |' "$NINETY_BUILD/ninetyd.service" \
	>"$work/ninetyd.service"
complaints=$(systemd-analyze verify "$work/ninetyd.service" 2>&1 || true)
if [ -n "$complaints" ]; then
	echo "$complaints"
	exit 1
fi
systemd-analyze security --offline=true --threshold=15 \
	"$work/ninetyd.service" >"$work/score" || {
	grep '✗' "$work/score"
	exit 1
}
tail -n 1 "$work/score"
