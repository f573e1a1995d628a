#!/bin/sh
# Release conversations that have no key: a field comes, files are cut anew, nothing changes, a field goes.
#
#     sh examples/chat/run.sh [DIR]        needs dsv, python and git on PATH; DIR is new or empty
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
. "$here/../story.sh"
begin "$@"

step 'dsv init'
step 'python generate.py data/chat'
step 'dsv add data/chat --type sft_chat --tag chatml \
    -m "3,000 conversations of three agent types"'

# A new field and a fifth of the records: minor.
step 'python generate.py data/chat --grow'
step 'dsv status'
step 'dsv diff chat'
step 'dsv bump chat --tag judged \
    -m "Added the macro agent; review removed 40, corrected 25."'

# Other files, the same records: patch.
step 'python generate.py data/chat --reshard'
step 'dsv diff chat'
step 'dsv bump chat -m "One file for each agent type and split."'

# The same bytes: no version.
refused 'dsv bump chat' 20

# The old data again, without the field that readers may have come to need: major.
step 'dsv rollback chat 1.0.0 -m "The judge of the macro agent was miscalibrated."'
step 'git status --short'
step 'dsv log chat'
step 'dsv diff chat@1.1.1 2.0.0'

step 'dsv check'
step 'dsv search macro'
step 'dsv list'
