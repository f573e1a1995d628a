#!/bin/sh
# Begin a dataset with one of dsv's templates: records that are wrong are refused, the right ones released.
#
#     sh examples/templates/run.sh TEMPLATE [DIR]      needs dsv, python and git on PATH; DIR is new or empty
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
template=${1:-none}
case $template in
    contract_intelligence) kind=contracts ;;
    obligation_dependency) kind=obligations ;;
    regulatory_language) kind=regulations ;;
    clause_evolution) kind=clauses ;;
    lease_abstraction) here=$here/../leases kind=leases ;;
    sft_chat) here=$here/../chat kind=chat ;;
    *)
        echo "usage: sh $0 TEMPLATE [DIR]; the templates are those of: dsv add --template list" >&2
        exit 2
        ;;
esac
shift
. "$here/../story.sh"
begin "$@"

step 'dsv init >/dev/null'

# Wrong records, and facts that are not stated: nothing is released, and all of it is told.
case $template in
    lease_abstraction)
        step "python generate.py data/$kind"
        step "sed -i '3s/\"term_months\": [0-9]*/\"term_months\": 0/' data/leases/train-00001.jsonl"
        ;;
    sft_chat)
        step "python generate.py data/$kind"
        step "sed -i '3s/\"role\": \"assistant\"/\"role\": \"bot\"/' data/chat/news/train-00001.jsonl"
        ;;
    *)
        step "python generate.py $kind data/$kind --mistakes"
        ;;
esac
refused "dsv add data/$kind --template $template" 1

# The same without the mistakes, and with the facts.
case $template in
    lease_abstraction | sft_chat) step "python generate.py data/$kind" ;;
    *) step "python generate.py $kind data/$kind" ;;
esac
step 'cat > facts.yaml <<END
source: generated
annotation_method: two annotators a record, a third decides
annotators: 3
inter_annotator_agreement: 0.94
regulations_applicable: []
END'
step "dsv add data/$kind --template $template --meta-file facts.yaml"
step "dsv show $kind"
