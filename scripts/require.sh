# Names every tool that is missing, with the way to get it: `require.sh cargo cc terraform python`.
# Plain sh and builtins only: it must speak even where nothing is installed.

missing=0

have() {
    command -v "$1" >/dev/null 2>&1
}

miss() {
    printf '%s is missing.\n    %s\n' "$1" "$2" >&2
    missing=1
}

for tool; do
    case $tool in
    cargo)
        have cargo || miss "Rust (cargo)" "Get it from https://rustup.rs; version 1.91 or later."
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
