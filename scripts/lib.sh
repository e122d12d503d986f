# SPDX-License-Identifier: MIT
# What the scripts beside this file share. Sourced; needs `root`, the project's folder.
# shellcheck shell=sh
root=${root:?}

say() {
	printf '%s\n' "$*" >&2
}

# The names in package lists (one a line, # starts a comment); lists that do not exist are empty.
names_in() {
	for list in "$@"; do
		[ ! -f "$list" ] || sed 's/#.*//' "$list"
	done | tr -s ' \t\r' '\n' | sed '/^$/d'
}

# Installs what is missing of the Debian packages in the lists. Without root, and without the
# command that AS_ROOT names: prints the line to run and ends with 2. Elsewhere than on Debian:
# leaves it to the build to complain.
need_packages() {
	command -v dpkg-query >/dev/null || return 0
	wanted=$(names_in "$@" | sort -u)
	# shellcheck disable=SC2016 # dpkg-query's own placeholders
	installed=$(printf '%s\n' "$wanted" |
		xargs -r dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' 2>/dev/null |
		sed -n 's/^.i  *//p') || :
	missing=$(printf '%s\n' "$wanted" | grep -vxF "${installed:-/}") || return 0
	missing=$(printf '%s' "$missing" | tr '\n' ' ')
	# shellcheck disable=SC2086 # a list of words
	install_packages $missing
}

install_packages() {
	if [ "$(id -u)" != 0 ] && [ -z "${AS_ROOT-}" ]; then
		say "Some packages are missing. Run this, and then the same command again:"
		say "  sudo apt-get install -y --no-install-recommends $*"
		exit 2
	fi
	say "installing: $*"
	apt_get update || :
	apt_get install -y --no-install-recommends "$@"
}

# Installs the npm packages (name@version) in the list $1 into build/npm. They serve single
# tests, which are skipped where that fails.
need_npm_packages() {
	wanted=$(names_in "$1")
	have=$root/build/npm/.have
	if [ -z "$wanted" ] || [ "$wanted" = "$(cat "$have" 2>/dev/null)" ]; then
		return 0
	fi
	command -v npm >/dev/null || install_packages npm
	mkdir -p "$root/build/npm"
	# shellcheck disable=SC2086 # a list of words
	if npm install --prefix "$root/build/npm" --ignore-scripts --no-save --no-audit --no-fund \
		--loglevel=error $wanted >&2 </dev/null; then
		printf '%s' "$wanted" >"$have"
	else
		say "npm could not install $wanted"
	fi
}

apt_get() {
	# shellcheck disable=SC2086 # a list of words
	${AS_ROOT-} env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=600 "$@" </dev/null >/dev/null
}

# Configures the build folder $1 once, with the meson options that follow, and builds it.
# MESON_OPTIONS is for callers that add some to all folders. Of two calls at once the
# second waits, and finds the work done.
build() {
	folder=$1
	shift
	mkdir -p "$folder"
	(
		flock 9
		if [ ! -f "$folder/build.ninja" ]; then
			# shellcheck disable=SC2086 # a list of words
			meson setup "$folder" "$root" ${MESON_OPTIONS-} "$@" || exit 1
		fi
		ninja -C "$folder"
	) 9>"$folder/.lock"
}

# The folder "build". With link-time optimisation where the compiler is gcc, whose linker knows
# how without being told.
build_main() {
	case $("${CC:-cc}" --version) in
	*"Free Software"*) build "$root/build" -Db_lto=true ;;
	*) build "$root/build" ;;
	esac
}

# The sums of all runs of tests and checks so far.
passed=0
failed=0
skipped=0

# Runs the tests of the build folder $1 (further arguments go to `meson test`) and adds
# what they proved to the sums.
run_tests() {
	folder=$1
	shift
	status=0
	rm -f "$folder"/meson-logs/testlog*.json # a wrapper's name becomes part of it
	meson test -C "$folder" --no-rebuild --print-errorlogs "$@" </dev/null || status=1
	# No log: nothing ran, which proves nothing.
	counted=$(python3 "$root/scripts/count-tests" "$folder"/meson-logs/testlog*.json) || counted="0 1 0"
	# shellcheck disable=SC2086 # three numbers
	set -- $counted
	[ "$status" = 0 ] || [ "$2" != 0 ] || set -- "$1" 1 "$3"
	passed=$((passed + $1))
	failed=$((failed + $2))
	skipped=$((skipped + $3))
}

# Runs a command as one check called $1; the end of what it says is shown where it fails.
check() {
	name=$1
	shift
	if said=$("$@" 2>&1 </dev/null); then
		passed=$((passed + 1))
		printf 'ok - %s\n' "$name"
	else
		failed=$((failed + 1))
		printf 'not ok - %s\n' "$name"
		printf '%s\n' "$said" | tail -n 60 | sed 's/^/# /'
		return 1
	fi
}

# Writes the program $1 of one line.
write_program() {
	printf '#!/bin/sh\n%s\n' "$2" >"$1"
	chmod +x "$1"
}

# The compiler $1/cc for musl, which comes without the kernel's headers.
write_musl_compiler() {
	mkdir -p "$1/kernel"
	ln -sfn /usr/include/linux /usr/include/asm-generic "/usr/include/$(gcc -print-multiarch)/asm" "$1/kernel/"
	write_program "$1/cc" "exec musl-gcc -idirafter '$1/kernel' \"\$@\""
}

# The floors that need no library with another C library than glibc.
build_with_musl() {
	write_musl_compiler "$root/build-musl"
	CC=$root/build-musl/cc build "$root/build-musl" -Dground_only=true
}

# The floors that need no library, as a Windows build whose tests run under wine.
build_for_windows() {
	wine=$root/build-mingw/wine.ini
	mkdir -p "$root/build-mingw"
	[ -f "$wine" ] || printf "[binaries]\nexe_wrapper = '%s'\n" "$root/scripts/run-wine" >"$wine"
	build "$root/build-mingw" --cross-file "$root/scripts/mingw.ini" --cross-file "$wine" -Dground_only=true
}

# The tests run only where the build, which counts as a check, went well.
test_everything() {
	if check 'builds' build_main; then
		run_tests build
	fi
	if check 'base, os, format and key build with musl' build_with_musl; then
		run_tests build-musl
	fi
	if check 'base, os, format and key build for Windows' build_for_windows; then
		run_tests build-mingw --timeout-multiplier 6
	fi
}

# The last line of a run, and its exit status.
print_sums() {
	if [ "$skipped" = 0 ]; then
		echo "$passed passed, $failed failed"
	else
		echo "$passed passed, $failed failed, $skipped skipped"
	fi
	[ "$failed" = 0 ] && [ "$passed" != 0 ]
}
