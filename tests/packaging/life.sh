#!/bin/sh
# Run within the booted clean root, as its own unit: the life of fabu.service under systemd with its whole sandbox. Each fact that the
# test asks about becomes a line or a file below /outcome.
out=/outcome
mkdir -p $out
say() { echo "$*" >>$out/facts; }
unit() { systemctl show -p "$1" --value fabu.service; }
server=http://127.0.0.1:8080

# A broken configuration: it ends once, with exit code 2, and is not tried again and again.
cp /etc/fabu/fabu.yaml $out/good.yaml
echo 'listen: nowhere' >/etc/fabu/fabu.yaml
systemctl start fabu.service
say "broken $(unit ActiveState) $(unit ExecMainStatus) $(unit NRestarts)"
cp $out/good.yaml /etc/fabu/fabu.yaml
systemctl reset-failed fabu.service

systemctl start fabu.service
say "started $(unit ActiveState) $(unit Type) $(stat -c %U /proc/"$(unit MainPID)")"
grep -E '^(CapEff|NoNewPrivs|Seccomp):' /proc/"$(unit MainPID)"/status | tr -s '\t ' ' ' >>$out/facts

FABU_KEY=$(fabu key create --data /var/lib/fabu --department "$(cat /trial/department)" 2>/dev/null)
export FABU_KEY
fabu submit --server $server --json /trial/items >$out/receipts 2>$out/submit.err
say "submitted $?"
for _ in $(seq 100); do
  fabu deliveries list --data /var/lib/fabu --json >$out/deliveries
  grep -qv '"state":"DELIVERY_STATE_DELIVERED"' $out/deliveries || break
  sleep 0.1
done
setpriv --reuid www-data --regid www-data --clear-groups cat /var/lib/fabu/site/items/1/index.html >$out/page 2>/dev/null
setpriv --reuid www-data --regid www-data --clear-groups cat /var/lib/fabu/fabu.db >/dev/null 2>&1 && say "the web server reads the database"
for _ in $(seq 100); do  # the log is sealed once a second
  fabu audit verify $server/log >$out/verify 2>&1
  verified=$?
  grep -q 'verified: 0 records' $out/verify || break
  sleep 0.1
done
say "verified $verified $(grep -o 'verified: [0-9]* records' $out/verify)"

# Killed, it comes back by itself; stopped, it stays so.
kill -9 "$(unit MainPID)"
for _ in $(seq 100); do
  [ "$(unit NRestarts)" = 1 ] && [ "$(unit ActiveState)" = active ] && break
  sleep 0.1
done
say "after kill -9 $(unit ActiveState)"

# The package is installed again: what runs is restarted, and what is broken is not restarted into.
before=$(unit MainPID)
dpkg -i /trial/fabu.deb >$out/again 2>&1
say "reinstalled $? $(unit ActiveState) $([ "$before" != "$(unit MainPID)" ] && echo anew)"
before=$(unit MainPID)
echo 'listen: nowhere' >/etc/fabu/fabu.yaml
dpkg -i --force-confold /trial/fabu.deb >>$out/again 2>&1
say "reinstalled-broken $? $(unit ActiveState) $([ "$before" = "$(unit MainPID)" ] && echo untouched)"
cp $out/good.yaml /etc/fabu/fabu.yaml

systemctl stop fabu.service
say "stopped $(unit ActiveState) $(unit Result)"
journalctl -b -o cat -u fabu.service >$out/journal
systemctl poweroff
