#!/usr/bin/env bash
# Installs into an empty directory and builds a program against what is there,
# as C and as C++ where there is a C++ compiler, found by pkg-config alone.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake --install "$NINETY_BUILD" --prefix "$work/usr" >/dev/null

pc=$(find "$work/usr" -name ninety.pc)
[ -n "$pc" ] || {
	echo "the client library is not in this build"
	exit 77
}
if grep -q '^NINETY_SANITIZE:STRING=.' "$NINETY_BUILD/CMakeCache.txt"; then
	echo "a build with sanitizers is not what is installed"
	exit 77
fi
export PKG_CONFIG_PATH=${pc%/*}
cat >"$work/program.c" <<'END'
#include <ninety/client.h>
#include <ninety/errors.h>
#include <stdio.h>

int
main(void)
{
	return puts(ninety_result_text(NINETY_TIMEOUT)) < 0;
}
END
# shellcheck disable=SC2046
gcc -Wall -Wextra -Werror -o "$work/program" "$work/program.c" \
	$(pkg-config --cflags --libs ninety)
LD_LIBRARY_PATH=${pc%/pkgconfig/*} "$work/program"
if command -v g++ >/dev/null; then
	# shellcheck disable=SC2046
	g++ -x c++ -Wall -Wextra -Werror -c -o "$work/program.o" \
		"$work/program.c" $(pkg-config --cflags ninety)
fi

# No name but the header's leaves the library.
library=$(find "$work/usr" -name 'libninety.so.*' -type f)
others=$(nm -D --defined-only "$library" | awk '{print $NF}' |
	grep -v '^ninety_' || true)
if [ -n "$others" ]; then
	echo "the library shows other names: $others"
	exit 1
fi
