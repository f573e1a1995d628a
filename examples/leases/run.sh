#!/bin/sh
# Release 5,000 leases, add 2,000 and correct 50, release again, and go back byte for byte.
#
#     sh examples/leases/run.sh [DIR]      needs dsv, python and git on PATH; DIR is new or empty
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
. "$here/../story.sh"
begin "$@"

step 'dsv init'
step 'python generate.py data/leases'
step 'dsv add data/leases --type lease_abstraction --key doc_id \
    -m "5,000 lease documents with annotations"'

# The digest of all files by coreutils alone; it is the manifest's, and it must come back.
tree='(cd data/leases && find . -type f -printf "%P\0" | LC_ALL=C sort -z |
    xargs -0 -r sha256sum | sha256sum)'
step "$tree"
released=$(eval "$tree")
step 'grep -Eo "tree: .?sha256:[0-9a-f]{64}" manifests/leases/1.0.0.yaml'
grep -q "sha256:${released%% *}" manifests/leases/1.0.0.yaml

step 'python generate.py data/leases --grow'
step 'dsv status'
step 'dsv diff leases'
step 'dsv bump leases -m "Added 2,000 retail leases; fixed dates in 50 records."'
step 'git status --short'
step 'dsv log leases'
step 'dsv diff leases@1.0.0 1.1.0 --records 2'

step 'dsv checkout leases@1.0.0'
step "$tree"
[ "$(eval "$tree")" = "$released" ] || { echo "these are not the bytes of 1.0.0" >&2; exit 1; }
step 'dsv checkout leases@1.1.0'

step 'dsv check'
step 'dsv search retail'
step 'dsv list'
