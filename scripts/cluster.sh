#!/usr/bin/env bash
# scripts/cluster.sh [CONVOY [MODEL [RATE...]]]: trains MODEL (lenet5) on three machines that are network namespaces of
# this one, over TCP with links of each RATE (tc's words: 100mbit 1gbit 10gbit), and on one process; the weights
# must be the same, with --wire fp32 and bf16. Prints what an update received and took with each of them and with
# --fast-reduce, and what `convoy scale --ranks` measures on those links beside what its model predicts
# (docs/cluster.md). Needs root, Open MPI and iproute2.
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

convoy=$(readlink -f "${1:-build/convoy}")
model=${2:-lenet5}
rates=("${@:3}")
[ "${#rates[@]}" -gt 0 ] || rates=(100mbit 1gbit 10gbit)
nodes=(convoy0 convoy1 convoy2 convoy3) # mpirun is on the first
folder=$(mktemp -d)

[ "$(id -u)" -eq 0 ] || { complain "network namespaces need root"; exit 1; }
[ -x "$convoy" ] || { complain "$convoy: not a program; build convoy first"; exit 1; }
need_packages openmpi-bin iproute2

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

# The bytes that a link passes in so many microseconds at a rate such as 100mbit or 1gbit.
bytes_in() {
    local rate=$2
    rate=${rate/gbit/000000000} rate=${rate/mbit/000000} rate=${rate/kbit/000} rate=${rate/bit/}
    echo $((rate / 8 * $1 / 1000000))
}

# What a link passes at once after a pause is kept small, or pauses would make it faster than its rate.
limit_links() {
    local i burst
    burst=$(bytes_in 250 "$1")
    [ "$burst" -ge 3200 ] || burst=3200 # two packets
    for i in "${!nodes[@]}"; do
        tc qdisc replace dev "cvy$i" root tbf rate "$1" burst "$burst" latency 50ms
        tc -n "${nodes[i]}" qdisc replace dev eth0 root tbf rate "$1" burst "$burst" latency 50ms
    done
}

value() {
    grep -oE "\"$1\":[^,}]*" "$folder/out.json" | head -n 1 | sed 's/^[^:]*://; s/"//g'
}

# The same of what ranks exchanged; there are other members of these names.
exchanged() {
    grep -oE '"exchange":\{[^}]*' "$folder/out.json" | grep -oE "\"$1\":[^,]*" | cut -d: -f 2
}

# across COMMAND...: by mpirun, one rank on each of three nodes.
across() {
    on "${nodes[0]}" timeout 900 mpirun --allow-run-as-root --mca plm_rsh_agent "$folder/agent" \
        --mca btl tcp,self --mca btl_tcp_if_include eth0 --mca oob_tcp_if_include eth0 \
        --host "$(IFS=,; echo "${nodes[*]:1}")" "$@"
}

# Trains with the options on three nodes, and says what an update took.
train_across() {
    across "$convoy" "${train[@]}" "$@" >out.json
    awk -v what="$*" -v steps="$(value steps)" -v bytes="$(exchanged bytes)" -v seconds="$(exchanged seconds)" \
        -v all="$(value train_seconds)" 'BEGIN {
            printf "%-14s an update: %5.0f kB received, %7.2f ms exchanging, of %7.2f ms in all\n",
                what, bytes / steps / 1e3, 1e3 * seconds / steps, 1e3 * all / steps }'
}

train=(train --model "$model" --data digits:train=6400,test=100 --epochs 1 --threads 1 --quiet --json)
scale=(scale --model "$model" --data digits:train=6400,test=1 --ranks 1,2,3 --threads 1 --steps 20 --repeats 5
    --quiet --overwrite --report "$folder/report")
trap 'status=$?; take_down; rm -rf "$folder"; exit "$status"' EXIT
write_agent
cd "$folder"
declare -A alone
for wire in fp32 bf16; do
    step "one process, $wire"
    "$convoy" "${train[@]}" --wire "$wire" >out.json
    alone[$wire]=$(value weights_sha256)
    printf '%s, %s s of training\n' "${alone[$wire]}" "$(value train_seconds)"
done

put_up
for rate in "${rates[@]}"; do
    step "three machines, $rate"
    limit_links "$rate"
    for wire in fp32 bf16; do
        train_across --wire "$wire"
        [ "$(value weights_sha256)" = "${alone[$wire]}" ] ||
            { complain "other weights than one process's"; exit 1; }
    done
    train_across --fast-reduce
    across "$convoy" "${scale[@]}" | grep -A 3 -E '^(ranks|ms/step +kB) '
done
step "the same weights on all of them"
