# SPDX-License-Identifier: MIT
# The procd service of OpenWrt, run by busybox ash against functions that stand
# in for OpenWrt's and procd (init_procd.sh).

# shellcheck disable=SC2154 # init.bash and bats set them
bats_require_minimum_version 1.5.0
load procd

setup() {
	procd_machine_start "$repository/tests/system/init_procd.sh"
}

teardown() {
	machine_stop
}

calls() {
	machine cat /run/test/calls
	machine rm /run/test/calls
}

@test "procd: busybox ash can parse the script" {
	busybox ash -n "$repository/scripts/init/procd/handyproxy"
}

@test "procd: the configuration that is installed starts on port 8443" {
	machine cp "$repository/scripts/init/procd/config" \
	    /etc/config/handyproxy
	service start
	listens 8443
	machine sh -c 'cat /var/etc/handyproxy/*.conf'
	run ! machine test -e /run/handyproxy/handyproxy.rules
}

@test "procd: start tells procd all that it has to know" {
	config "config handyproxy 'handyproxy'" \
	    "option upstream_proxy '127.0.0.1'" \
	    "option drain_timeout '1m30s'" \
	    "option sniff_tls_ports '443,8443'" \
	    "config handyproxy 'guests'" \
	    "option local_port '8444'" \
	    "option log_to 'stderr'" \
	    "config handyproxy 'off'" \
	    "option enabled '0'"
	service start
	listens 8443
	listens 8444
	diff <(calls) - <<- END
		instance handyproxy
		command $prefix/sbin/handyproxy -config /var/etc/handyproxy/handyproxy.conf -daemon=false -pid-file /var/run/handyproxy/handyproxy.pid
		file /var/etc/handyproxy/handyproxy.conf
		reload_signal HUP
		term_timeout 95
		respawn 3600 5 0
		stderr 1
		instance guests
		command $prefix/sbin/handyproxy -config /var/etc/handyproxy/guests.conf -daemon=false -pid-file /var/run/handyproxy/guests.pid
		file /var/etc/handyproxy/guests.conf
		reload_signal HUP
		term_timeout 10
		respawn 3600 5 0
		stderr 1
		trigger handyproxy
	END
	diff <(machine cat /var/etc/handyproxy/handyproxy.conf) - <<- 'END'
		log-to syslog
		upstream-proxy 127.0.0.1
		sniff-tls-ports 443,8443
		drain-timeout 1m30s
	END
	diff <(machine cat /var/etc/handyproxy/guests.conf) - <<- 'END'
		log-to syslog
		local-port 8444
		log-to stderr
	END
}

@test "procd: the router in init-systems.md is one" {
	sed -n "/^    config handyproxy /,/^\$/s/^    //p" \
	    "$repository/src/doc/init-systems.md" |
	    machine tee /etc/config/handyproxy
	service start
	diff <(machine cat /var/etc/handyproxy/handyproxy.conf) - <<- 'END'
		log-to syslog
		upstream-proxy proxy.example.net:3128
		sniff-timeout 2s
	END
	wait_until 60 machine grep -q \
	    '^prerouting.sh up .*--interface br-lan --reject-quic --reject-ipv6' \
	    /run/test/rules
}

@test "procd: every option of the daemon can be set" {
	machine "$prefix/sbin/handyproxy" -help |
	    awk '/^  -/ { print substr($1, 2) }' > "$BATS_TEST_TMPDIR/options"
	while read -r option; do
		case $option in
		daemon | pid-file | config | check | print | top | version | help) continue ;;
		esac
		grep -qwF -e "$option" \
		    <(sed -n '/^options=/,/"$/p' "$repository/scripts/init/procd/handyproxy")
	done < "$BATS_TEST_TMPDIR/options"
}

@test "procd: credentials and fields for the upstream" {
	machine sh -c 'umask 077; printf "u\np\n" > /etc/credentials'
	config "config handyproxy 'handyproxy'" "option local_port '8443'" \
	    "option upstream_credentials '/etc/credentials'" \
	    "list connect_header 'User-Agent: a b'" "list connect_header 'X: y'"
	service start
	calls | grep -x 'file /var/etc/handyproxy/handyproxy.conf /etc/credentials'
	diff <(machine cat /var/etc/handyproxy/handyproxy.conf) - <<- 'END'
		log-to syslog
		local-port 8443
		upstream-credentials /etc/credentials
		connect-header User-Agent: a b
		connect-header X: y
	END
}

@test "procd: routes are a list, in its order" {
	config "config handyproxy 'handyproxy'" "option local_port '8443'" \
	    "option upstream_proxy 'a.test,b.test:8080,direct'" \
	    "option upstream_order 'spread'" \
	    "list route '10.0.0.0/8,192.168.0.0/16 direct'" "list route '* b.test:8080'"
	service start
	diff <(machine cat /var/etc/handyproxy/handyproxy.conf) - <<- 'END'
		log-to syslog
		local-port 8443
		upstream-proxy a.test,b.test:8080,direct
		upstream-order spread
		route 10.0.0.0/8,192.168.0.0/16 direct
		route * b.test:8080
	END
	listens 8443
}

@test "procd: an unknown option is refused" {
	for line in "option local_prot '8445'" "option daemon '0'" \
	    "list local_port '8445'" "option rules 'output'"; do
		config "config handyproxy 'handyproxy'" "option enabled '1'" \
		    "$line" \
		    "config handyproxy 'guests'" "option local_port '8444'" \
		    "list rules 'output'"
		run -1 service start
		words=${line% *}
		calls | grep "logger .* section handyproxy: there is no $words\$"
		wait_until 60 is_free 8443
		listens 8444
	done
	config "config handyproxy 'handyproxy'" "option local_port '8443'"
	service start
	pid=$(daemon_pid)
	config "config handyproxy 'handyproxy'" "option local_prot '8443'"
	for action in reload restart start; do
		run -1 service "$action"
		calls | grep 'there is no option local_prot'
		[ "$(daemon_pid)" = "$pid" ]
	done
}

@test "procd: options of the section override those of its file" {
	machine mkdir /etc/handyproxy
	machine sh -c 'printf "local-port 9000\nidle-timeout 1h\n" \
	    > /etc/handyproxy/main.conf'
	config "config handyproxy 'handyproxy'" \
	    "option config_file '/etc/handyproxy/main.conf'" \
	    "option local_port '8443'"
	service start
	listens 8443
	diff <(machine cat /var/etc/handyproxy/handyproxy.conf) - <<- 'END'
		log-to syslog
		local-port 9000
		idle-timeout 1h
		local-port 8443
	END
}

@test "procd: a reload is a HUP, or a restart where it has to be" {
	service start
	pid=$(daemon_pid)
	calls > /dev/null

	# Nothing has changed: the HUP is for the log and the upstream's
	# addresses.
	service reload
	calls | grep -x 'signal handyproxy handyproxy HUP'
	[ "$(daemon_pid)" = "$pid" ]

	# procd sends the HUP.
	config "config handyproxy 'handyproxy'" "option local_port '8443'" \
	    "option idle_timeout '1h'"
	service reload
	run ! grep -e '^signal ' -e '^kill ' <(calls)
	[ "$(daemon_pid)" = "$pid" ]
	machine grep -q '^idle-timeout 1h' /var/etc/handyproxy/handyproxy.conf

	config "config handyproxy 'handyproxy'" "option local_port '8445'"
	service reload
	calls | grep -x 'kill handyproxy handyproxy'
	wait_until 60 listens 8445
	wait_until 60 is_free 8443

	config "config handyproxy 'guests'" "option local_port '8444'"
	service reload
	wait_until 60 listens 8444
	wait_until 60 is_free 8445
}

@test "procd: a wrong configuration stops nothing" {
	service start
	pid=$(daemon_pid)
	config "config handyproxy 'handyproxy'" "option idle_timeout 'fortnight'"
	for action in reload restart start; do
		run -1 service "$action"
		[[ $output == *fortnight* ]]
		calls | grep 'logger .* section handyproxy of .* is wrong'
		[ "$(daemon_pid)" = "$pid" ]
		listens 8443
		machine grep -v fortnight /var/etc/handyproxy/handyproxy.conf
	done
	service stop
	wait_until 60 is_free 8443
	run service start
	wait_until 60 is_free 8443
}

@test "procd: the daemon can read its configuration again, whatever the umask" {
	machine_has_users || skip "there is no user but root"
	machine sh -c 'umask 077; /etc/init.d/handyproxy start'
	config "config handyproxy 'handyproxy'" "option local_port '8443'" \
	    "option log_to '/run/test/handyproxy.log'"
	machine sh -c 'umask 077; /etc/init.d/handyproxy reload'
	wait_until 60 machine grep 'configuration read again' \
	    /run/test/handyproxy.log
}

@test "procd: instances start and stop alone" {
	config "config handyproxy 'handyproxy'" \
	    "config handyproxy 'guests'" "option local_port '8444'"
	service start guests
	wait_until 60 is_free 8443
	listens 8444
	service start
	listens 8443
	service stop guests
	wait_until 60 is_free 8444
	listens 8443
	service restart
	wait_until 60 listens 8443
	wait_until 60 listens 8444
	service stop
	wait_until 60 is_free 8443
	wait_until 60 is_free 8444
}

@test "procd: rules go up after the port is bound and down before it is free" {
	config "config handyproxy 'handyproxy'" \
	    "list rules 'prerouting --interface br-lan'" \
	    "list rules 'output --ports 443'" \
	    "config handyproxy 'guests'" "option local_port '8444'" \
	    "list rules 'output'"
	service start
	rules_become <<- 'END'
		prerouting.sh up --to-port 8443 --interface br-lan with 8443
		output.sh up --to-port 8443 --ports 443 with 8443
		output.sh up --name guests --to-port 8444 with 8444
	END
	config "config handyproxy 'handyproxy'" \
	    "list rules 'prerouting --interface br-lan'" \
	    "config handyproxy 'guests'" "option local_port '8444'" \
	    "list rules 'output'"
	service restart
	rules_become <<- 'END'
		output.sh down with 8443
		prerouting.sh up --to-port 8443 --interface br-lan with 8443
		output.sh up --name guests --to-port 8444 with 8444
	END
	# An instance that is no longer configured.
	config "config handyproxy 'handyproxy'" \
	    "list rules 'prerouting --interface br-lan'" \
	    "config handyproxy 'guests'" "option enabled '0'"
	service reload
	rules_become <<- 'END'
		output.sh down --name guests with 8444
		prerouting.sh up --to-port 8443 --interface br-lan with 8443
	END
	service stop
	rules_become <<- 'END'
		prerouting.sh down with 8443
	END
}

@test "procd: rules stay with the port that the daemon listens on" {
	config "config handyproxy 'handyproxy'" "list rules 'output'"
	service start
	config "config handyproxy 'handyproxy'" "option local_port '8445'" \
	    "list rules 'output'"
	run -1 service start
	[[ $output == *"restart it: the port has changed from 8443 to 8445"* ]]
	calls | grep 'logger .* not all rules of handyproxy are up'
	rules_become <<- 'END'
		output.sh up --to-port 8443 with 8443
	END
	service restart
	listens 8445
	machine grep -x 'output.sh up --to-port 8445 with' /run/test/rules
}

@test "procd: no rules go up for a daemon that ends at once" {
	config "config handyproxy 'handyproxy'" "list rules 'output'"
	daemon_that_ends
	run -1 service start
	calls | grep 'logger .* handyproxy has not bound its port'
	machine test ! -e /run/test/rules
}

@test "procd: wrong rules start and stop nothing" {
	config "config handyproxy 'handyproxy'" \
	    "list rules 'output --ports 80'" "list rules 'output --ports 443'" \
	    "config handyproxy 'fourteen_bytes'" "option local_port '8444'" \
	    "list rules 'output'"
	run service start
	wait_until 60 is_free 8443
	wait_until 60 is_free 8444
	calls > "$BATS_TEST_TMPDIR/calls"
	grep 'logger .* RULES name output twice' "$BATS_TEST_TMPDIR/calls"
	grep 'logger .* at most 13 of' "$BATS_TEST_TMPDIR/calls"
	machine test ! -e /run/test/rules

	config "config handyproxy 'handyproxy'" "list rules 'output'"
	service start
	rules_become <<- 'END'
		output.sh up --to-port 8443 with 8443
	END
	pid=$(daemon_pid)
	config "config handyproxy 'handyproxy'" "list rules 'prerouting'" \
	    "list rules 'prerouting'"
	for action in restart reload start; do
		run -1 service "$action"
		[[ $output == *"RULES name prerouting twice"* ]] ||
		    calls | grep 'RULES name prerouting twice'
		[ "$(daemon_pid)" = "$pid" ]
		machine test ! -e /run/test/rules
	done
}

@test "procd: rules that fail make the start fail, and the daemon runs" {
	config "config handyproxy 'handyproxy'" "list rules 'output'"
	machine touch /run/test/rules-fail-up
	run -1 service start
	[[ $output == *"not up: output"* ]]
	pid=$(daemon_pid)
	run -1 service reload
	[ "$(daemon_pid)" = "$pid" ]
	machine rm /run/test/rules-fail-up
	service start
	[ "$(daemon_pid)" = "$pid" ]
}

@test "procd: rules that stay make the stop fail, and the daemon is gone" {
	config "config handyproxy 'handyproxy'" "list rules 'output'"
	service start
	machine touch /run/test/rules-fail-down
	run -1 service stop
	[[ $output == *"the rules of output are still up"* ]]
	calls | grep 'logger .* rules are left: connections are refused'
	wait_until 60 is_free 8443
	machine rm /run/test/rules-fail-down
	run -0 service stop
	machine test ! -e /run/handyproxy/handyproxy.rules
}

@test "procd: the configuration of a section that is gone is not used again" {
	for gone in "option enabled '0'" "option local_port '8444'"; do
		config "config handyproxy 'handyproxy'" \
		    "option drain_timeout '1s'"
		service start
		listens 8443
		if [[ $gone == *enabled* ]]; then
			config "config handyproxy 'handyproxy'" "$gone"
		else
			config "config handyproxy 'guests'" "$gone"
		fi
		service reload
		wait_until 60 is_free 8443
		machine test ! -e /var/etc/handyproxy/handyproxy.conf

		# One that is wrong starts nothing, and nothing is told a signal.
		config "config handyproxy 'handyproxy'" \
		    "option idle_timeout 'fortnight'"
		for action in reload start; do
			run -1 service "$action"
			wait_until 60 is_free 8443
		done
		config "config handyproxy 'handyproxy'"
		run -0 service reload
		echo "$output"
		[[ $output != *'Command failed'* ]]
		wait_until 60 listens 8443
		service stop
	done
}

@test "procd: a daemon that died is not sent a signal by a reload" {
	service start
	machine kill -s KILL "$(daemon_pid)"
	wait_until 60 is_free 8443
	run -0 service reload
	[[ $output != *'Command failed'* ]]
	wait_until 60 listens 8443
}

@test "procd: a name that is not there is an error" {
	for action in start stop restart reload; do
		for name in nobody no-body; do
			run -1 service "$action" "$name"
			says_times 1 "there is no section $name in /etc/config/handyproxy"
			says_times 0 'Command failed'
		done
	done
	is_free 8443
	service start
	run ! service restart nobody
	listens 8443
	config "config handyproxy 'handyproxy'" \
	    "config handyproxy 'guests'" "option enabled '0'"
	for action in start restart reload; do
		run -1 service "$action" guests
		calls | grep 'section guests of /etc/config/handyproxy is not enabled'
	done
	# One that has gone, and runs.
	config "config handyproxy 'guests'" "option enabled '0'"
	run -0 service stop handyproxy
	wait_until 60 is_free 8443
}

@test "procd: a stop of what does not run says so" {
	for name in '' handyproxy; do
		run -0 service stop $name
		says_times 1 'is not running'
		says_times 0 'Command failed'
		run -0 service restart $name
		says_times 0 'Command failed'
		listens 8443
		service stop
		wait_until 60 is_free 8443
	done
}

@test "procd: a mistake is said once, and changes neither daemon nor rules" {
	config "config handyproxy 'handyproxy'" "list rules 'output'"
	service start
	rules_become <<- 'END'
		output.sh up --to-port 8443 with 8443
	END
	pid=$(daemon_pid)
	while IFS='|' read -r mistake words; do
		config "config handyproxy 'handyproxy'" "list rules 'prerouting'" \
		    "$mistake"
		for action in reload restart start; do
			run -1 service "$action"
			says_times 1 "$words"
			says_times 1 'is wrong, and not used'
			says_times 0 'rules are up'
			says_times 0 'not all rules'
			calls | grep "logger .*$words"
			[ "$(daemon_pid)" = "$pid" ]
			machine test ! -e /run/test/rules
		done
	done <<- 'END'
		option idle_timeout 'fortnight'|section handyproxy: idle-timeout "fortnight"
		list rules 'prerouting'|RULES name prerouting twice
		option config_file '/none'|section handyproxy: config_file: cannot read /none
		option upstream_proxy 'a.test|nterminated quoted string
	END
}

@test "procd: a start waits for a daemon that drains" {
	start_waits_for_drain
}

@test "procd: tunnels of a section that is gone drain, whatever else starts" {
	config "config handyproxy 'handyproxy'" "option drain_timeout '1h'"
	service start
	tunnel_open
	config "config handyproxy 'guests'" "option local_port '8444'"
	service reload
	wait_until 60 is_free 8443
	for action in reload start restart; do
		run -0 service "$action"
		listens 8444
		tunnel_goes_on
	done
	config "config handyproxy 'guests"
	run -1 service reload
	listens 8444
	tunnel_goes_on
}

@test "procd: a rule that fails beside one that is up is not all of them" {
	config "config handyproxy 'handyproxy'" "list rules 'prerouting'" \
	    "list rules 'output'"
	machine sh -c "sed -i 2i'case \$0\$1 in *output.shup) exit 1 ;; esac' \
	    '$prefix/libexec/handyproxy/output.sh'"
	run -1 service start
	echo "$output"
	[[ $output == *"rules are up: prerouting"* ]]
	[[ $output == *"not up: output"* ]]
	calls | grep 'logger .* not all rules of handyproxy are up'
}

@test "procd: a value that the daemon would read in part is refused" {
	for value in 'proxy#1' '#' $'80\nworkers 1'; do
		for line in "option upstream_proxy" "list connect_header"; do
			config "config handyproxy 'handyproxy'" "$line '$value'"
			run -1 service start
			calls | grep "section handyproxy: .*: a # or a line end"
			wait_until 60 is_free 8443
		done
	done
}

@test "procd: a start says what it did, also of a daemon that runs" {
	run -0 service start
	[[ $output == *"no RULES in /etc/config/handyproxy: nothing is redirected"* ]]
	[[ $output != *"is running already"* ]]
	run -0 service start
	[[ $output == *"handyproxy handyproxy: is running already, and was left as it is"* ]]
	config "config handyproxy 'handyproxy'" "option idle_timeout '1h'" \
	    "list rules 'output'"
	run -0 service start
	[[ $output == *"is running already, and reads its configuration again"* ]]
	[[ $output == *"rules are up: output"* ]]
}
