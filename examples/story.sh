# What the stories share: a new git repository to play in, and commands that are shown before they run.
# Sourced by */run.sh, which sets `here` to its own directory.

# A repository in directory $1, by default a new temporary one (named on stderr: stdout is the transcript).
begin() {
    if [ $# -gt 0 ]; then
        mkdir -p -- "$1"
        cd -- "$1"
    else
        cd -- "$(mktemp -d)"
        echo "The story plays in $PWD" >&2
    fi
    if [ -n "$(ls -A)" ]; then
        echo "$PWD is not empty: name a directory that is new or empty" >&2
        exit 2
    fi
    command -v dsv >/dev/null || { echo "dsv is not on PATH: activate the environment it is installed in" >&2; exit 2; }
    command -v python >/dev/null || python() { python3 "$@"; }
    cp -- "$here/generate.py" generate.py
    step 'git init -q -b main'
    git config user.name >/dev/null || git config user.name 'Ana Lima'
    git config user.email >/dev/null || git config user.email 'ana@example.com'
    step 'git add generate.py && git commit -q -m "The generator of the data"'
}

# Shows the command line $1 and runs it; a failure ends the story.
step() {
    printf '%s\n' "$1" | sed -e '1s/^/$ /' -e '2,$s/^/> /'
    eval "$1"
    echo
}

# Shows the command line $1, runs it, and ends the story unless its exit code is $2.
refused() {
    printf '$ %s\n' "$1"
    code=0
    eval "$1" 2>&1 || code=$?
    printf '[exit code %s]\n\n' "$code"
    [ "$code" -eq "$2" ]
}
