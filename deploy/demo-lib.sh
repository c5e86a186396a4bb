# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2015,SC2012
# The demonstration's bank: making its folder, starting and stopping its programs. Sourced by deploy/demo and by
# tests/e2e, which set dir, engines and the table port.

bin=$build_dir/bin
bank=harbour.example
bank_name="Harbour Bank"
latchkey() { "$bin/latchkey" --config "$dir/bank/latchkey.toml" "$@"; }

# A folder is usable once .ready is there; until then it is half-made, and a half-made one is never built upon.
prepare_bank() {
  if [[ -e $dir/.ready ]]; then
    use_ports
    return
  fi
  [[ -z $(ls -A --ignore=.open "$dir") ]] ||
    die "$dir is half-made: an earlier start was cut short. Remove it and start again: rm -r $dir"
  need_room "$dir" 300
  [[ -z ${once:-} ]] || touch "$dir/.made-by-once"
  say "making the bank in $dir"
  umask 077
  mkdir -p "$dir/log" "$dir/mail"
  printf 'latchkey\n%s\n' "$(head -c 18 /dev/urandom | base64 | tr '+/' '-_')" >"$dir/relay.credentials"
  [[ -z $engines ]] || make_engines
  local options=()
  [[ -z $engines ]] || options+=(--postgres "host=$sockets dbname=latchkey user=latchkey" --redis-socket "$sockets/redis.sock")
  "$bin/latchkey" init --dir "$dir/bank" --bank "$bank" --name "$bank_name" \
    --portal-url "http://localhost:${port[portal]}" --phone "+44 20 7946 0000" \
    --phone-hours "Monday to Friday, 8:00 to 20:00" --time-zone Europe/London \
    --branch "Our branches Main and Harbour are open Monday to Friday, 9:00 to 17:00." \
    --privacy-contact "Data protection officer, privacy@$bank" \
    --portal-listen "127.0.0.1:${port[portal]}" --listen "127.0.0.1:${port[grpc]}" \
    --metrics "127.0.0.1:${port[metrics]}" --relay "localhost:${port[smtp]}" \
    --relay-own-authority --relay-credentials "$dir/relay.credentials" \
    --terminal main/terminal-1 --terminal harbour/terminal-1 "${options[@]}" >"$dir/log/init.log" 2>&1 ||
    die "$(tail -n 1 "$dir/log/init.log")"
  cat >>"$dir/bank/portal.toml" <<END

[bank.de]
phone_hours = "Montag bis Freitag, 8 bis 20 Uhr"
branch = "Unsere Filialen Main und Harbour sind Montag bis Freitag von 9 bis 17 Uhr geöffnet."
privacy_contact = "Datenschutzbeauftragte, privacy@$bank"
END
  "$bin/latchkey" certificate --authority "$dir/bank/ca" --dns localhost --out "$dir/mail/server" >/dev/null
  make_blocklist
  latchkey migrate >/dev/null
  "$root_dir/deploy/demo-customers" "$dir/customers.csv" "$dir/passwords.tsv"
  latchkey import "$dir/customers.csv"
  make_tellers
  remember_ports
  touch "$dir/.ready"
}

make_blocklist() {
  local words=(/usr/share/dict/american-english)
  latchkey blocklist build --words "${words[@]}" --out "$dir/bank/data/blocklist"
  sed -i 's|^# blocklist = .*|blocklist = "data/blocklist"|' "$dir/bank/latchkey.toml"
}

# Three tellers; the last is a customer too, whom she may not serve.
make_tellers() {
  local login name branch own password
  while IFS='|' read -r login name branch own password; do
    (umask 077 && printf '%s\n' "$password" >"$dir/teller.password")
    latchkey staff add "$login" --name "$name" --branch "$branch" ${own:+--own-account "$own"} \
      --password-file "$dir/teller.password" >"$dir/teller.out" 2>"$dir/log/staff.log" ||
      die "$(tail -n 1 "$dir/log/staff.log")"
    printf '%s\t%s\t%s\t%s\n' "$login" "$password" "$(sed -n 's/^totp: //p' "$dir/teller.out")" "$branch"
  done >"$dir/tellers.tsv" <<'END'
t.miller|Tess Miller|main||stamps-and-saucers
r.okoye|Rose Okoye|harbour||harbour light at dusk
a.berg|Anna Berg|main|100001|counting small change
END
  rm -f "$dir/teller.password" "$dir/teller.out"
}

# The ports stand in the configuration files. They are remembered, and changed where the options ask for others.
remember_ports() {
  local name
  for name in portal mail smtp grpc metrics; do echo "$name ${port[$name]}"; done >"$dir/ports"
}

use_ports() {
  local name old
  while read -r name old; do
    [[ $old != "${port[$name]}" ]] || continue
    case $name in
      portal) sed -i "s/localhost:$old\"/localhost:${port[$name]}\"/; s/^listen_port = $old$/listen_port = ${port[$name]}/" \
        "$dir/bank/latchkey.toml" "$dir/bank/portal.toml" ;;
      grpc)
        sed -i "/^\[listen\]/,/^\[/s/^port = $old$/port = ${port[$name]}/" "$dir/bank/latchkey.toml"
        sed -i "s/^server = \"127.0.0.1:$old\"/server = \"127.0.0.1:${port[$name]}\"/" "$dir"/bank/*.toml
        ;;
      smtp) sed -i "/^\[\[courier.relays\]\]/,/^\[m/s/^port = $old$/port = ${port[$name]}/" "$dir/bank/latchkey.toml" ;;
      metrics) sed -i "s/\"127.0.0.1:$old\"/\"127.0.0.1:${port[$name]}\"/" "$dir/bank/latchkey.toml" ;;
    esac
  done <"$dir/ports"
  remember_ports
}

# --- PostgreSQL and Redis, throwaway, on unix sockets below the folder ---

# A socket's path may have 107 bytes at most, so they live in a short place of their own.
engine_paths() {
  sockets=/tmp/latchkey-demo-$(printf '%s' "$dir" | cksum | cut -d' ' -f1)
  pg_bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1) || die "PostgreSQL is missing; apt-get install postgresql"
}

# PostgreSQL refuses to run as root: then it runs as its own user.
as_postgres=(env)
((EUID != 0)) || as_postgres=(setpriv --reuid postgres --regid postgres --clear-groups)

make_engines() {
  engine_paths
  start_engines
}

start_engines() {
  engine_paths
  local data=$dir/postgres
  rm -rf -- "$sockets" # of a start that was killed; a folder of somebody else's stays and refuses the next line
  mkdir -m 755 "$sockets" || die "$sockets is in the way; remove it"
  mkdir -p "$data"
  if ((EUID == 0)); then
    chown postgres "$sockets" "$data"
    chmod 711 "$dir" # the way to its data, and no more
    "${as_postgres[@]}" test -x "$data" ||
      die "the user postgres cannot reach $dir; choose a folder that it can, such as --dir /var/tmp/latchkey-demo"
  fi
  if [[ ! -e $data/PG_VERSION ]]; then
    "${as_postgres[@]}" "$pg_bin/initdb" -D "$data" -U latchkey --auth=trust --no-instructions -E UTF8 --locale=C \
      >"$dir/log/initdb.log" 2>&1 || die "PostgreSQL could not be prepared: $(tail -n 1 "$dir/log/initdb.log")"
  fi
  start postgres "$dir/log/postgres.log" "${as_postgres[@]}" "$pg_bin/postgres" -D "$data" -k "$sockets" -c listen_addresses=
  wait_until postgres "$dir/log/postgres.log" 20 "$pg_bin/pg_isready" -q -h "$sockets" -U latchkey -d postgres
  "${as_postgres[@]}" "$pg_bin/psql" -qAt -h "$sockets" -U latchkey -d postgres \
    -c "SELECT 1 FROM pg_database WHERE datname = 'latchkey'" | grep -q 1 ||
    "${as_postgres[@]}" "$pg_bin/createdb" -h "$sockets" -U latchkey latchkey
  mkdir -p "$dir/redis"
  start redis "$dir/log/redis.log" redis-server --port 0 --unixsocket "$sockets/redis.sock" --unixsocketperm 700 \
    --dir "$dir/redis" --appendonly yes --save ''
  wait_until redis "$dir/log/redis.log" 20 redis-cli -s "$sockets/redis.sock" ping
}

# --- the programs ---

start_bank() {
  [[ -z $engines || " ${child_names[*]:-} " == *" postgres "* ]] || start_engines
  start mailbox "$dir/log/mailbox.log" "$root_dir/deploy/mailbox/mailbox" \
    --smtp-port "${port[smtp]}" --http-port "${port[mail]}" --dir "$dir/mail" \
    --certificate "$dir/mail/server.crt" --key "$dir/mail/server.key" --credentials "$dir/relay.credentials"
  start latchkeyd "$dir/log/latchkeyd.log" "$bin/latchkeyd" --config "$dir/bank/latchkey.toml"
  start latchkey-portal "$dir/log/portal.log" "$bin/latchkey-portal" --config "$dir/bank/portal.toml"
  wait_until mailbox "$dir/log/mailbox.log" 20 port_is_taken "${port[mail]}"
  wait_until mailbox "$dir/log/mailbox.log" 20 port_is_taken "${port[smtp]}"
  wait_until latchkeyd "$dir/log/latchkeyd.log" 20 port_is_taken "${port[grpc]}"
  wait_until latchkey-portal "$dir/log/portal.log" 20 port_is_taken "${port[portal]}"
  for i in "${!child_pids[@]}"; do echo "${child_names[i]} ${child_pids[i]}"; done >"$dir/log/pids"
}

stop_all() {
  trap - EXIT
  trap '' INT TERM HUP # a second one must not leave half of the programs behind
  stop_children
  [[ -z ${sockets:-} ]] || rm -rf -- "$sockets"
}

wait_for_the_end() {
  local i
  # Looked at each second too: `wait -n` misses a program that ended just before it.
  while true; do
    for i in "${!child_pids[@]}"; do
      kill -0 "${child_pids[i]}" 2>/dev/null ||
        die "${child_names[i]} ended by itself; what it said is in $dir/log; the rest is stopped now"
    done
    sleep 1 &
    wait -n "${child_pids[@]}" "$!" || true
  done
}

tell_what_to_try() {
  local here=${dir#"$PWD"/} out=${bin#"$PWD"/}
  cat <<END

$bank_name is open. Ctrl-C closes it; the data stays in $here.

  customers   $here/passwords.tsv: number, login, password, the kind of hash it came with, name
  web         http://localhost:${port[portal]}   sign in as anna.berg / purple-harbour-lantern, or choose "Forgot your password, or locked out?"
              No mail comes to ruth.adler and xavier.dubois (a phone number only), nor to viktor.horvath (an address
              that is new today): they need a branch or the phone.
  mail        http://localhost:${port[mail]}   everything that the bank sends
  branch      $out/latchkey-branch --config $here/bank/branch-main-terminal-1.toml
              login t.miller, password stamps-and-saucers, code: ./deploy/demo-totp t.miller $here
  phone       $out/latchkey-ivr --console --config $here/bank/ivr.toml
  operator    $out/latchkey --config $here/bank/latchkey.toml doctor
  metrics     http://localhost:${port[metrics]}/metrics

Lock somebody out by wrong passwords (different ones: the same one twice counts once), then come back in by mail, by
branch and by phone.
END
}
