# SPDX-License-Identifier: MIT
# README.md and the pages of src/doc agree with the program and the tree. Examples
# are run by readme-commands.bats, or were tried by hand.

bats_require_minimum_version 1.5.0

ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
PROGRAM=${HANDYPROXY:-$ROOT/build/gcc/handyproxy}

# Rows of the table of options: "-name ARGUMENT" and the default.
readme_options() {
	sed 's/\\|/:or:/g' "$ROOT/src/doc/options.md" | awk -F ' *[|] *' '
		$2 ~ /^`-[a-z-]+( [^`]*)?`$/ { gsub(/`/, "", $2); print $2 "\t" $3 }' |
	    sed 's/:or:/|/g'
}

@test "options.md: the options are those of -help, in the same order" {
	diff <(readme_options | cut -f 1) \
	    <("$PROGRAM" -help | sed -n 's/^  \(-[a-z].*\)$/\1/p')
}

@test "options.md: the defaults are those of -help" {
	local option default
	while IFS=$'\t' read -r option default; do
		case $default in
		'' | auto) continue ;;
		esac
		"$PROGRAM" -help | awk -v option="  $option" '
			$0 == option { found = 1; next }
			/^  -/ { found = 0 }
			found { print }' | tr -s ' \n' ' ' | grep -qF "(default: $default" || {
			echo "$option: -help has another default than $default"
			return 1
		}
	done < <(readme_options)
}

@test "DESIGN.md: the map of src has each folder" {
	diff <(sed -n 's/^| .\(src\/[a-z]*\)\/. |.*/\1/p' "$ROOT/src/DESIGN.md" | sort) \
	    <(find "$ROOT/src" -mindepth 1 -maxdepth 1 -type d ! -name doc \
	    -printf 'src/%f\n' | sort)
}

@test "README: it has less than 2,000 words, and both commands" {
	[ "$(wc -w < "$ROOT/README.md")" -lt 2000 ]
	grep -q '^    scripts/quickstart ' "$ROOT/README.md"
	grep -q '^    scripts/check ' "$ROOT/README.md"
}

# pages: the documents, whose links are relative to their own folders.
pages() {
	printf '%s\n' README.md src/DESIGN.md tests/README.md
	(cd "$ROOT" && printf '%s\n' src/doc/*.md)
}

# links PAGE: each local link as FILE#ANCHOR, relative to the tree.
links() {
	grep -oE '\]\([^)]+\)' "$ROOT/$1" | sed -e 's/^](//' -e 's/)$//' |
	    grep -v '^[a-z]*:' | while read -r link; do
		case $link in
		'#'*) echo "$1$link" ;;
		*) echo "$(dirname "$1")/$link" ;;
		esac
	done
}

# anchors FILE: of its headings, as the usual renderers make them.
anchors() {
	sed -n 's/^##* //p' "$ROOT/$1" | tr '[:upper:]' '[:lower:]' |
	    sed -e 's/[^a-z0-9 _-]//g' -e 's/ /-/g'
}

@test "README and its pages: what they link to exists" {
	local page link
	for page in $(pages); do
		while read -r link; do
			echo "$page: $link"
			[ -e "$ROOT/${link%%#*}" ]
			[[ $link != *'#'* ]] ||
			    anchors "${link%%#*}" | grep -qx -- "${link#*#}"
		done < <(links "$page")
	done
	[ "$(links README.md | wc -l)" -gt 20 ]
}

@test "README: it links each page" {
	diff <(links README.md | sed -n 's,^\./\(src/doc/[^#]*\).*,\1,p' | sort -u) \
	    <(cd "$ROOT" && printf '%s\n' src/doc/*.md | sort)
}

@test "README and its pages: the files and make targets that they name exist" {
	local path page
	for path in scripts/quickstart scripts/check tests/run tests/bench/bench tests/soak/soak \
	    tests/proxy/test_dial.py src/DESIGN.md CHANGES; do
		cat "$ROOT/README.md" "$ROOT/tests/README.md" | grep -q "$path"
		[ -e "$ROOT/$path" ]
	done
	for page in $(pages); do
		sed -n 's/^    make \([a-z][a-z -]*\).*/\1/p' "$ROOT/$page"
	done | tr -s ' ' '\n' | sort -u > "$BATS_TEST_TMPDIR/targets"
	[ "$(wc -l < "$BATS_TEST_TMPDIR/targets")" -gt 5 ]
	xargs -n 1 make -C "$ROOT" -n < "$BATS_TEST_TMPDIR/targets" >/dev/null
}

# Not those of the fuzzers' corpora, which are data.
@test "README: it ends with the licence that each source names" {
	# shellcheck disable=SC2016 # not a variable
	run -0 sed -n '/^## License$/,$p' "$ROOT/README.md"
	[[ ${lines[1]} == 'MIT License' ]]
	[[ $output == *'the HandyProxy authors'*'OTHER DEALINGS IN THE SOFTWARE.' ]]
	cd "$ROOT"
	run -0 find .ci GNUmakefile src tests scripts iptables -type f \
	    ! -path 'tests/fuzz/corpus/*' ! -path '*/__pycache__/*'
	[ "${#lines[@]}" -gt 500 ]
	run -0 sources_without_licence "${lines[@]}"
	echo "these lack the line SPDX-License-Identifier: MIT: $output"
	[ -z "$output" ]
}

# Sources are known by their names or their first lines.
sources_without_licence() { # FILE...
	awk 'FNR == 1 {
			source = FILENAME ~ /\.([ch8]|mk|py|sh|bats|bash)$/ ||
			    /^#!/ || /^# shellcheck shell/ || /^# HandyProxy\. `make/
			named = 0
		}
		FNR <= 3 && /SPDX-License-Identifier: MIT/ { named = 1 }
		FNR == 3 { if (source && !named) print FILENAME; nextfile }' "$@"
}
