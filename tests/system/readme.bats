# SPDX-License-Identifier: MIT
# README.md agrees with the program and the tree. (Its examples were tried by hand.)

bats_require_minimum_version 1.5.0

ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
PROGRAM=${HANDYPROXY:-$ROOT/build/gcc/handyproxy}

# Rows of the table of options: "-name ARGUMENT" and the default.
readme_options() {
	sed 's/\\|/:or:/g' "$ROOT/README.md" | awk -F ' *[|] *' '
		$2 ~ /^`-[a-z-]+( [^`]*)?`$/ { gsub(/`/, "", $2); print $2 "\t" $3 }' |
	    sed 's/:or:/|/g'
}

@test "README: the options are those of -help, in the same order" {
	diff <(readme_options | cut -f 1) \
	    <("$PROGRAM" -help | sed -n 's/^  \(-[a-z].*\)$/\1/p')
}

@test "README: the defaults are those of -help" {
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

@test "README: the map of src has each folder" {
	diff <(sed -n 's/^| .\(src\/[a-z]*\). |.*/\1/p' "$ROOT/README.md" | sort) \
	    <(find "$ROOT/src" -mindepth 1 -maxdepth 1 -type d -printf 'src/%f\n' | sort)
}

@test "README: the files and make targets that it names exist" {
	local path
	for path in scripts/quickstart scripts/check tests/run tests/bench/bench tests/soak/soak \
	    tests/proxy/test_response.py src/DESIGN.md CHANGES; do
		grep -q "$path" "$ROOT/README.md"
		[ -e "$ROOT/$path" ]
	done
	sed -n 's/^    make \([a-z][a-z -]*\).*/\1/p' "$ROOT/README.md" | tr -s ' ' '\n' |
	    xargs -n 1 make -C "$ROOT" -n >/dev/null
}

# Not those of the fuzzers' corpora, which are data.
@test "README: it ends with the licence that each source names" {
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
