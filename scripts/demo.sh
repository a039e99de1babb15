#!/usr/bin/env bash
# The demo: makes the quickstart's service, changes it and destroys it, with the real Terraform, on the simulated AWS that is
# built in. Sixty seconds there are one here. `KEEP=1 make demo` stops before the destroy, and keeps all until Ctrl-C.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

repository=$PWD
speed=60
region=eu-west-3
terraform=${FARGATE_TERRAFORM:-$(command -v terraform || command -v tofu)}
provider=${CARGO_TARGET_DIR:-$repository/target}/debug/terraform-provider-fargate
work=$(mktemp -d)
simulator=

leave() {
    if [ -n "$simulator" ]; then
        kill "$simulator" 2>/dev/null || true
        wait "$simulator" 2>/dev/null || true
    fi
    rm -rf "$work"
}
trap leave EXIT
trap 'exit 130' INT TERM

heading() {
    printf '\n\033[1m== %s\033[0m\n' "$*"
}

fail() {
    printf '\nmake demo failed: %s\n' "$*" >&2
    exit 1
}

# Runs a command quietly; what it said is shown only if it fails.
quietly() {
    "$@" >"$work/said" 2>&1 || {
        cat "$work/said" >&2
        fail "$*"
    }
}

timed() {
    local begun=$SECONDS
    quietly "$@"
    printf 'done in %s s here, %s min there\n' $((SECONDS - begun)) $(((SECONDS - begun) * speed / 60))
}

# The world as JSON, by bash alone: neither curl nor Python has to be there.
world() {
    local line
    exec 3<>"/dev/tcp/${address%:*}/${address##*:}"
    printf 'GET /simulator/world HTTP/1.0\r\nHost: %s\r\n\r\n' "$address" >&3
    while IFS= read -r line <&3 && [ "$line" != $'\r' ]; do :; done
    cat <&3
    exec 3>&-
}

heading "Build the provider, which has the simulated AWS in it"
cargo build --locked --quiet || fail "cargo build"
mkdir "$work/bin" "$work/quickstart"
ln -s "$provider" "$work/bin/terraform-provider-fargate"
"$provider" simulate --listen 127.0.0.1:0 --speed "$speed" --region "$region" >"$work/simulator" 2>&1 &
simulator=$!
for _ in {1..100}; do
    grep -q '^LISTENING ' "$work/simulator" && break
    kill -0 "$simulator" 2>/dev/null || break
    sleep 0.1
done
url=$(sed -n 's/^LISTENING //p' "$work/simulator")
[ -n "$url" ] || fail "the simulator: $(cat "$work/simulator")"
address=${url#http://}

cat >"$work/cli.tfrc" <<TFRC
provider_installation {
  dev_overrides { "fargate-rs/fargate" = "$work/bin" }
  direct {}
}
TFRC
export TF_CLI_CONFIG_FILE=$work/cli.tfrc CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1
# The provider waits as fast as time passes there. Nothing here is yours: no credentials, no settings of your account.
export FARGATE_TIME_SCALE=$speed AWS_ENDPOINT_URL=$url AWS_REGION=$region
export AWS_ACCESS_KEY_ID=demo AWS_SECRET_ACCESS_KEY=demo
unset AWS_PROFILE AWS_SESSION_TOKEN

frame='────────────────────────────────────────────────────────────────'
printf '\n\033[1;32m%s\n\n   Watch it live in your browser:   %s/\n\n%s\033[0m\n' "$frame" "$url" "$frame"
"$terraform" version | sed -n 1p

heading "Eight lines (examples/quickstart/main.tf)"
cp examples/quickstart/*.tf "$work/quickstart/"
cd "$work/quickstart"
cat main.tf

heading "terraform plan"
quietly "$terraform" plan -input=false -no-color
grep -E '^Plan: |^  \+ url' "$work/said" || fail "a plan should say what it will do"

heading "terraform apply"
timed "$terraform" apply -auto-approve -input=false -no-color
"$terraform" output -no-color

heading "terraform plan, again"
quietly "$terraform" plan -detailed-exitcode -input=false -no-color
echo "No changes."

heading "A new image, rolled out by the same service"
sed 's/nginx:stable/nginx:mainline/' main.tf >main.new && mv main.new main.tf
grep image main.tf
quietly "$terraform" plan -input=false -no-color -out=rollout
grep -E '^ +~ (image|task_definition_arn) ' "$work/said" || true
grep '^Plan: 0 to add, 1 to change, 0 to destroy' "$work/said" || fail "a new image should be a change in place"
timed "$terraform" apply -input=false -no-color rollout
quietly "$terraform" plan -detailed-exitcode -input=false -no-color
echo "The plan is empty again."

if [ "${KEEP:-}" = 1 ]; then
    heading "Everything stays as it is"
    echo "The page is at $url/ until you press Ctrl-C."
    wait "$simulator"
    exit
fi

heading "terraform destroy"
timed "$terraform" destroy -auto-approve -input=false -no-color
# Its network interfaces and stopped tasks linger there as on AWS; these lists must be empty.
left=$(world)
for list in vpcs balancers groups services; do
    [[ $left == *"\"$list\":[]"* ]] || fail "there are $list left: $left"
done
echo "The simulated account is empty: no network, no load balancer, no target group, no service."

cat <<REAL

The same on your own AWS account (it costs money while it stands: load balancer, NAT gateways, tasks):

  cargo build --release
  cat > ~/.terraformrc <<'TFRC'
  provider_installation {
    dev_overrides { "fargate-rs/fargate" = "$repository/target/release" }
    direct {}
  }
  TFRC
  cd examples/quickstart
  export AWS_REGION=eu-west-3   # and credentials, in any way the AWS command line takes them
  terraform apply
  terraform destroy
REAL
