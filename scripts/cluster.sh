#!/usr/bin/env bash
# scripts/cluster.sh [CONVOY [MODEL [RATE...]]]: trains MODEL (lenet5) on three machines that are network namespaces of
# this one, over TCP with links of each RATE (tc's words: 100mbit 1gbit 10gbit), and on one process; the weights
# must be the same. Prints what an update received and took, beside what the links alone would take
# (docs/cluster.md). Needs root, Open MPI, iproute2 and ping.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

convoy=$(readlink -f "${1:-build/convoy}")
model=${2:-lenet5}
rates=("${@:3}")
[ "${#rates[@]}" -gt 0 ] || rates=(100mbit 1gbit 10gbit)
nodes=(convoy0 convoy1 convoy2 convoy3) # mpirun is on the first
folder=$(mktemp -d)

[ "$(id -u)" -eq 0 ] || { complain "network namespaces need root"; exit 1; }
[ -x "$convoy" ] || { complain "$convoy: not a program; build convoy first"; exit 1; }
need_packages openmpi-bin iproute2 iputils-ping

take_down() {
    local node
    for node in "${nodes[@]}"; do
        ip netns delete "$node" 2>/dev/null || true
        rm -rf "/etc/netns/$node"
    done
    ip link delete convoy-br 2>/dev/null || true
}

put_up() {
    local i node
    take_down
    ip link add convoy-br type bridge
    ip link set convoy-br up
    for i in "${!nodes[@]}"; do
        node=${nodes[i]}
        ip netns add "$node"
        mkdir -p "/etc/netns/$node"
        {
            echo 127.0.0.1 localhost
            for j in "${!nodes[@]}"; do echo "10.77.0.$((10 + j)) ${nodes[j]}"; done
        } >"/etc/netns/$node/hosts"
        ip link add "cvy$i" type veth peer name eth0 netns "$node"
        ip link set "cvy$i" master convoy-br up
        ip -n "$node" address add "10.77.0.$((10 + i))/24" dev eth0
        ip -n "$node" link set eth0 up
        ip -n "$node" link set lo up
    done
}

# on NODE COMMAND...: there, under its own host name.
on() {
    local node=$1
    shift
    # shellcheck disable=SC2016
    ip netns exec "$node" unshare --uts sh -c 'hostname "$0"; exec "$@"' "$node" "$@"
}

# What mpirun starts its daemons with, in place of ssh.
write_agent() {
    cat >"$folder/agent" <<'AGENT'
#!/bin/sh
node=$1
shift
exec ip netns exec "$node" unshare --uts sh -c "hostname $node; $*"
AGENT
    chmod +x "$folder/agent"
}

limit_links() {
    local i
    for i in "${!nodes[@]}"; do
        tc qdisc replace dev "cvy$i" root tbf rate "$1" burst 256kb latency 50ms
        tc -n "${nodes[i]}" qdisc replace dev eth0 root tbf rate "$1" burst 256kb latency 50ms
    done
}

value() {
    grep -oE "\"$1\":[^,}]*" "$folder/out.json" | head -n 1 | sed 's/^[^:]*://; s/"//g'
}

train=(train --model "$model" --data digits:train=6400,test=100 --epochs 1 --threads 1 --quiet --json)
trap 'status=$?; take_down; rm -rf "$folder"; exit "$status"' EXIT
write_agent
cd "$folder"
step "one process"
"$convoy" "${train[@]}" >out.json
alone=$(value weights_sha256)
printf '%s, %s s of training\n' "$alone" "$(value train_seconds)"

put_up
for rate in "${rates[@]}"; do
    step "three machines, $rate"
    limit_links "$rate"
    round_trip=$(on "${nodes[1]}" ping -q -c 20 -i 0.01 "${nodes[2]}" | awk -F/ '/^rtt/ { print $5 / 1000 }')
    on "${nodes[0]}" timeout 600 mpirun --allow-run-as-root --mca plm_rsh_agent "$folder/agent" \
        --mca btl tcp,self --mca btl_tcp_if_include eth0 --mca oob_tcp_if_include eth0 \
        --host "$(IFS=,; echo "${nodes[*]:1}")" "$convoy" "${train[@]}" >out.json
    [ "$(value weights_sha256)" = "$alone" ] || { complain "other weights than one process's"; exit 1; }
    bits=$(tc qdisc show dev cvy1 | grep -oE 'rate [^ ]+' | head -n 1 |
        sed -E 's/rate //; s/Gbit/e9/; s/Mbit/e6/; s/Kbit/e3/; s/bit//')
    awk -v steps="$(value steps)" -v bytes="$(value bytes)" -v seconds="$(value seconds)" \
        -v bits="$bits" -v rtt="$round_trip" -v all="$(value train_seconds)" 'BEGIN {
            printf "an update: %.0f kB received, %.2f ms exchanging, of %.2f ms in all\n",
                bytes / steps / 1e3, 1e3 * seconds / steps, 1e3 * all / steps
            printf "the links alone: %.2f ms + %.2f ms for two half round trips\n",
                8e3 * bytes / steps / bits, 1e3 * rtt }'
done
step "the same weights on all of them"
