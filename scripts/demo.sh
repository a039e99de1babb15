#!/usr/bin/env bash
# The demo: makes the quickstart's service, changes it and destroys it, with the real Terraform, on an emulated AWS.
# `make demo` runs it inside the emulator, which sets AWS_ENDPOINT_URL; without that it refuses to run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
: "${AWS_ENDPOINT_URL:?run this by \`make demo\`}"

repository=$PWD
python=$repository/.venv/bin/python
export PYTHONDONTWRITEBYTECODE=1
terraform=${FARGATE_TERRAFORM:-$(command -v terraform || command -v tofu)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

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
    printf 'done in %s s\n' $((SECONDS - begun))
}

census() {
    "$python" "$repository/tests/emulator/census.py" "$AWS_ENDPOINT_URL" "$AWS_REGION"
}

heading "Build the provider"
cargo build --locked --quiet || fail "cargo build"
mkdir "$work/bin" "$work/quickstart"
ln -s "${CARGO_TARGET_DIR:-$repository/target}/debug/terraform-provider-fargate" "$work/bin/terraform-provider-fargate"
cat >"$work/cli.tfrc" <<TFRC
provider_installation {
  dev_overrides { "fargate-rs/fargate" = "$work/bin" }
  direct {}
}
TFRC
export TF_CLI_CONFIG_FILE=$work/cli.tfrc CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1
export FARGATE_TIME_SCALE=60 # the emulator is done at once, so nobody has to wait as long as for AWS
echo "$("$terraform" version | head -n 1), AWS emulated at $AWS_ENDPOINT_URL"

heading "Eight lines (examples/quickstart/main.tf)"
cp examples/quickstart/*.tf "$work/quickstart/"
cd "$work/quickstart"
cat main.tf
census >"$work/before"

heading "terraform apply"
timed "$terraform" apply -auto-approve -input=false -no-color
echo "url = $("$terraform" output -raw url)"
"$terraform" show -json | "$python" "$repository/scripts/tree.py"
"$terraform" show -json >"$work/first"

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
"$terraform" show -json >"$work/second"
"$python" - "$work/first" "$work/second" <<'PYTHON' || fail "the service should be the same, with a new task definition"
import json, sys

first, second = (json.load(open(file))["values"]["root_module"]["resources"][0]["values"] for file in sys.argv[1:])
assert first["service_arn"] == second["service_arn"]
assert first["task_definition_arn"] != second["task_definition_arn"]
revision = lambda service: service["task_definition_arn"].split("/")[-1]
print(f"the same service, {revision(first)} → {revision(second)}, and the plan is empty again")
PYTHON

heading "terraform destroy"
timed "$terraform" destroy -auto-approve -input=false -no-color
census >"$work/after"
diff "$work/before" "$work/after" || fail "something is left in the account"
echo "An independent count of $(grep -c ': \[' "$work/after") kinds of AWS objects finds the account as it was."

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
