# Names every tool that is missing, with the way to get it: `require.sh cargo cc terraform python`.
# Plain sh and builtins only: it must speak even where nothing is installed.

missing=0

# What only tests use: missing is an error in CI alone, where the machine's root may install it; elsewhere they skip.
browser() {
    for name in "${FARGATE_TEST_BROWSER:-chromium}" chromium-browser google-chrome google-chrome-stable; do
        have "$name" && return 0
    done
    return 1
}

have() {
    command -v "$1" >/dev/null 2>&1
}

# The version that Cargo.toml asks for: the newest that any crate asks for.
wanted_rust() {
    while IFS='"' read -r name version _; do
        case $name in rust-version*) echo "$version" ;; esac
    done <Cargo.toml
}

# Whether a tool's `--version` line ("cargo 1.95.0 (...)") tells less than this.
too_old() {
    rest=${1#* }
    rest=${rest%% *}.0.0
    wanted=$2.0.0
    for _ in 1 2 3; do
        part=${rest%%.*}
        part=${part%%[!0-9]*}
        [ "${part:-0}" -gt "${wanted%%.*}" ] && return 1
        [ "${part:-0}" -lt "${wanted%%.*}" ] && return 0
        rest=${rest#*.}
        wanted=${wanted#*.}
    done
    return 1
}

miss() {
    printf '%s is missing.\n    %s\n' "$1" "$2" >&2
    missing=1
}

for tool; do
    case $tool in
    cargo)
        if ! have cargo; then
            miss "Rust (cargo)" "Get it from https://rustup.rs; version $(wanted_rust) or later."
        elif too_old "$(cargo --version)" "$(wanted_rust)"; then
            miss "Rust $(wanted_rust) or later" "There is $(cargo --version). rustup update"
        fi
        ;;
    rustfmt)
        cargo fmt --version >/dev/null 2>&1 || miss "rustfmt (cargo fmt)" "rustup component add rustfmt"
        ;;
    clippy)
        cargo clippy --version >/dev/null 2>&1 || miss "clippy (cargo clippy)" "rustup component add clippy"
        ;;
    cc)
        have cc || have gcc || have clang || miss "A C compiler (cc)" \
            "Debian, Ubuntu: apt-get install gcc libc6-dev. Fedora: dnf install gcc. macOS: xcode-select --install."
        ;;
    terraform)
        have "${FARGATE_TERRAFORM:-terraform}" || have tofu || miss "Terraform, or OpenTofu (terraform or tofu)" \
            "Get it from https://developer.hashicorp.com/terraform/install or https://opentofu.org/docs/intro/install."
        ;;
    browser)
        if ! browser && [ "${CI:-}" = true ] && [ "$(id -u)" = 0 ] && have apt-get; then
            echo "Chromium for the test of the simulator's page (apt-get)" >&2
            { apt-get update && apt-get install -y --no-install-recommends chromium; } >/dev/null ||
                echo "apt-get could not install chromium." >&2
        fi
        if browser; then
            :
        elif [ "${CI:-}" = true ]; then
            miss "A Chromium (chromium)" "Debian: apt-get install chromium. Or name one: FARGATE_TEST_BROWSER=…"
        else
            echo "No Chromium found: the test of the simulator's page will be skipped (FARGATE_TEST_BROWSER names one)." >&2
        fi
        ;;
    python)
        python=${PYTHON:-python3}
        if ! have "$python"; then
            miss "Python 3.10 or later ($python)" \
                "Debian, Ubuntu: apt-get install python3 python3-venv. Elsewhere: https://www.python.org/downloads."
        elif ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))'; then
            miss "Python 3.10 or later ($python is older)" \
                "Install a newer one beside it and name it: make PYTHON=python3.12 …"
        elif ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
            miss "Python's venv module" "Debian, Ubuntu: apt-get install python3-venv."
        fi
        ;;
    esac
done
exit $missing
