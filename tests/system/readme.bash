# SPDX-License-Identifier: MIT
# readme.bash - for bats files that do what README shows: its lines, and the
# Internet behind the router of init.bash, with a proxy's host and an origin.

# shellcheck shell=bash disable=SC2154 # init.bash and bats set them

# internet_up NAME...: the network wan leads to 93.184.216.34, which is example.com,
# and to 10.1.0.2, which has these names. The certificate of example.com and its key
# are in $BATS_TEST_TMPDIR.
internet_up() {
	machine ip link delete wan
	cable internet wan 10.1.0
	machine ip -n internet address add 93.184.216.34/32 dev lo
	machine ip -n internet address add 10.1.0.2/24 dev eth0
	machine ip route add default via 10.1.0.2
	machine sh -c 'echo "hosts: files" > /etc/nsswitch.conf
		cat > /etc/hosts' <<- END
		127.0.0.1 localhost
		93.184.216.34 example.com
		10.1.0.2 $*
	END
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
	    -days 1 -subj /CN=example.com -addext subjectAltName=DNS:example.com \
	    -keyout "$BATS_TEST_TMPDIR/key" -out "$BATS_TEST_TMPDIR/certificate"
}

# shown SECTION: the lines that README shows there.
shown() {
	awk -v section="## $1" '
		/^## / { found = $0 == section }
		found && sub(/^    /, "")' "$repository/README.md" |
	    sed "s,/usr/local,$prefix,g"
}
