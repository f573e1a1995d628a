#!/bin/sh
# Verifies this audit pack with sha256sum and git alone; dsv is not needed.
#
#   sh verify.sh [--data DIR] [--signatures] [--allowed-signers FILE]
#
#   --data DIR              the dataset's files: each must be the one that was released, and no other may be there;
#                           a file, where the dataset is one
#   --signatures            every release tag must carry a signature that git believes, with the keys that it has here
#   --allowed-signers FILE  the same, with SSH keys that FILE trusts (see git help config, gpg.ssh.allowedSignersFile)
#
# What is looked at:
#   1  every file is the one that SHA256SUMS lists, and no other is here
#   2  every git object in git/ is the one that its name says
#   3  every manifest is the one that the commit of its release holds, and its release tag names that commit
#   4  every list of files has the digest that its manifest, and its tag, give
#   5  every event is one that the last commit holds, and none is missing
#   6  signatures, where they are asked for
#
# It ends with 0 when all is right, with 1 when something is not, and with 2 when it cannot be run. What it says at its
# end has to be compared with the repository: whoever makes up a whole pack makes up its digests too.

set -u
LC_ALL=C
export LC_ALL
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES GIT_COMMON_DIR
GIT_NO_REPLACE_OBJECTS=1
export GIT_NO_REPLACE_OBJECTS

data='' signatures='' signers=''
while [ $# -gt 0 ]; do
    case $1 in
    --data) data=${2-} && shift ;;
    --signatures) signatures=yes ;;
    --allowed-signers) signatures=yes signers=${2-} && shift ;;
    *) echo "usage: sh verify.sh [--data DIR] [--signatures] [--allowed-signers FILE]" >&2 && exit 2 ;;
    esac
    shift
done
for tool in sha256sum git; do
    command -v "$tool" >/dev/null || { echo "verify.sh needs $tool" >&2 && exit 2; }
done
shown=$data
if [ -d "$data" ]; then
    data=$(cd "$data" && pwd) || exit 2
elif [ -n "$data" ]; then
    data=$(cd "$(dirname "$data")" && pwd)/$(basename "$data") && [ -f "$data" ] || exit 2
fi
[ -z "$signers" ] || signers=$(cd "$(dirname "$signers")" && pwd)/$(basename "$signers") || exit 2
cd "$(dirname "$0")" || exit 2

scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
trap 'exit 2' HUP INT TERM

bad=0
problem() {
    bad=1
    printf 'WRONG  %s\n' "$1"
}
right() {
    printf 'right  %s\n' "$1"
}
count() {
    wc -l <"$1" | tr -d ' '
}
pack() {
    git --git-dir="$scratch/git" "$@"
}
digest() {
    sha256sum "$1" 2>/dev/null | cut -d ' ' -f 1
}
tab=$(printf '\t')

# 1 -- the files of the pack
before=$bad
sed 's/^[0-9a-f]\{64\}  //' SHA256SUMS | sort >"$scratch/listed"
find . ! -type d ! -path ./SHA256SUMS | sed 's,^\./,,' | sort >"$scratch/found"
cmp -s "$scratch/listed" "$scratch/found" || problem "the files here are not those that SHA256SUMS lists"
find . ! -type d ! -type f >"$scratch/links"
[ ! -s "$scratch/links" ] || problem "there are files that are no regular ones"
sha256sum -c SHA256SUMS >"$scratch/sums" 2>/dev/null || problem "$(grep -v ': OK$' "$scratch/sums" | head -n 3)"
[ "$bad" != "$before" ] || right "the files: $(count SHA256SUMS), as SHA256SUMS lists them"

# 2 -- the objects of git
before=$bad
git init -q --bare --template= "$scratch/git" || exit 2
for file in git/*; do
    name=${file#git/}
    id=$(pack hash-object -w --no-filters -t "${name#*.}" "$PWD/$file" 2>/dev/null)
    [ "$id" = "${name%.*}" ] || problem "$file is another object than its name says"
done
for file in manifests/*/*.yaml events/*/*.yaml; do
    [ ! -f "$file" ] || pack hash-object -w --no-filters "$PWD/$file" >/dev/null
done
[ "$bad" != "$before" ] || right "git objects: $(find git -type f | wc -l | tr -d ' '), as their names say"

# 3 and 4 -- the versions: dataset, version, commit, tag object and tag name ("-" for none), path in git
before=$bad
lists=0
while IFS=$tab read -r dataset version commit tag tag_name path; do
    name=$dataset@$version
    manifest=manifests/$dataset/$version.yaml
    list=files/$dataset/$version.sha256
    id=$(pack hash-object --no-filters "$PWD/$manifest" 2>/dev/null)
    if [ "$commit" = - ]; then
        echo "note   $name: the commit of its release was not at hand"
    elif [ -z "$id" ] || [ "$(pack rev-parse --verify --quiet "$commit:$path")" != "$id" ]; then
        problem "$manifest is not what the commit $commit holds"
    fi
    tree=$(sed -n 's/^digests: {tree: "\{0,1\}sha256:\([0-9a-f]\{64\}\).*/\1/p' "$manifest" 2>/dev/null)
    if [ "$tag" != - ]; then
        pack cat-file tag "$tag" >"$scratch/tag" 2>/dev/null || problem "$name: its tag is not here"
        grep -q -x "object $commit" "$scratch/tag" || problem "$name: its tag names another commit"
        grep -q -x -F "tag $tag_name" "$scratch/tag" || problem "$name: its tag has another name"
        grep -q -x "Dsv-Tree: sha256:$tree" "$scratch/tag" || problem "$name: its tag gives another digest"
    fi
    if [ -f "$list" ]; then
        lists=$((lists + 1))
        [ "$(digest "$list")" = "$tree" ] || problem "$list has another digest than $manifest gives"
    else
        echo "note   $name: the list of its files was not at hand"
    fi
    sed -n 's/^  - {ref: "\{0,1\}\([^,"]*@[^,"]*\).*/\1/p' "$manifest" 2>/dev/null | tr '@' "$tab" >"$scratch/sources"
    while IFS=$tab read -r source number; do
        grep -q "^$source$tab$number$tab" versions.tsv || echo "note   $name was made from $source@$number, not in here"
    done <"$scratch/sources"
done <versions.tsv
read -r subject <subject
grep -q "^${subject%@*}$tab${subject#*@}$tab" versions.tsv || problem "$subject is not in versions.tsv"
[ "$bad" != "$before" ] || right "manifests: $(count versions.tsv), as git holds them; lists of their files: $lists"

# 5 -- what happened after the releases, as of one commit: dataset, path in git of its events
before=$bad
events=0
last=$(cat commit)
while IFS=$tab read -r dataset version commit tag tag_name path; do
    below=${path%/*}
    all=${below%/*}
    if ! pack ls-tree "$last:$all" >"$scratch/tree" 2>/dev/null; then
        problem "the tree $all of the commit $last is not here"
    elif grep -q "$tab$dataset\$" "$scratch/tree"; then
        pack ls-tree "$last:$below" >"$scratch/tree" 2>/dev/null || problem "the tree $below is not here"
        ! grep -q "${tab}events\$" "$scratch/tree" || grep -q "^$dataset$tab" events.tsv ||
            problem "the events of $dataset, which the commit $last has, are not here"
    fi
done <versions.tsv
while IFS=$tab read -r dataset path; do
    pack ls-tree "$last:$path" >"$scratch/tree" 2>/dev/null || problem "$path is not in the commit $last"
    [ "$(count "$scratch/tree")" = "$(find "events/$dataset" -type f 2>/dev/null | wc -l | tr -d ' ')" ] ||
        problem "events/$dataset has other events than the commit $last"
    for file in "events/$dataset"/*; do
        events=$((events + 1))
        id=$(pack hash-object --no-filters "$PWD/$file" 2>/dev/null)
        grep -q "blob $id$tab$(basename "$file")\$" "$scratch/tree" || problem "$file is not what the commit holds"
    done
done <events.tsv
[ "$bad" != "$before" ] || right "events: $events, as the last commit holds them"

# 6 -- signatures
signed=0
unsigned=0
while IFS=$tab read -r dataset version commit tag tag_name path; do
    name=$dataset@$version
    if [ "$tag" = - ] || ! pack cat-file tag "$tag" 2>/dev/null | grep -q '^-----BEGIN .*SIG'; then
        unsigned=$((unsigned + 1))
        [ -z "$signatures" ] || problem "$name has no signed tag"
    elif [ -n "$signatures" ]; then
        if [ -n "$signers" ]; then
            pack -c gpg.ssh.allowedSignersFile="$signers" verify-tag "$tag" >"$scratch/said" 2>&1
        else
            pack verify-tag "$tag" >"$scratch/said" 2>&1
        fi && signed=$((signed + 1)) || problem "$name: git does not believe the signature of its tag"
    else
        signed=$((signed + 1))
    fi
done <versions.tsv
if [ -n "$signatures" ]; then
    [ "$bad" = 1 ] || right "signed release tags: $signed, all believed by git"
else
    echo "note   signed release tags: $signed of $((signed + unsigned)); --signatures has git verify them"
fi

# the data, where it is at hand
if [ -n "$data" ]; then
    before=$bad
    list=$PWD/files/${subject%@*}/${subject#*@}.sha256
    if [ -f "$data" ]; then
        [ "$(digest "$data")" = "$(cut -c 1-64 "$list")" ] || problem "$shown is not what was released"
    else
        (cd "$data" && sha256sum -c "$list") >"$scratch/sums" 2>/dev/null ||
            problem "$(grep -v ': OK$' "$scratch/sums" | head -n 3)"
        [ "$(count "$list")" = "$(find "$data" -type f -exec printf '%.0sx' {} + | wc -c | tr -d ' ')" ] ||
            problem "$shown has other files than $subject"
    fi
    [ "$bad" != "$before" ] || right "data of $subject: $(count "$list") files in $shown"
fi

echo
echo "Compare with the repository, or with what you were told:"
while IFS=$tab read -r dataset version commit tag tag_name path; do
    [ "$tag" = - ] || printf '  git rev-parse %s  %s\n' "$tag_name" "$tag"
done <versions.tsv
printf '  sha256sum SHA256SUMS  %s\n' "$(digest SHA256SUMS)"
printf '  the last commit when it was packed  %s\n' "$last"
[ "$bad" = 0 ] && echo "All is right." || echo "Something is wrong."
exit "$bad"
