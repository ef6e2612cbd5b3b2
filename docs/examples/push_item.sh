#!/bin/sh
# Pushes one item with curl as JSON; prints its receipt. An attachment goes first, under its own SHA-256.
#   FABU_SERVER=http://127.0.0.1:8080 FABU_KEY=… docs/examples/push_item.sh [ATTACHMENT]
set -eu
attachments=
if [ $# -gt 0 ]; then
  digest=$(sha256sum "$1" | cut -d ' ' -f 1)
  curl -fsS -o /dev/null -T "$1" -H "Authorization: Bearer $FABU_KEY" "$FABU_SERVER/v1/attachments/$digest"
  attachments='{"name": "'$(basename "$1")'", "media_type": "application/octet-stream", "size": "'$(wc -c <"$1")'", "sha256": "'$digest'"}'
fi
curl -sS --fail-with-body --retry 5 --retry-connrefused \
  -H "Authorization: Bearer $FABU_KEY" -H 'Content-Type: application/json' --data-binary @- "$FABU_SERVER/v1/items" <<JSON
{
  "department": "${DEPARTMENT:-ggj}",
  "reference": "${REFERENCE:-EXAMPLE-SH-1}",
  "catalogue_entry": "${ENTRY:-BJ-ORG_FUNCTION}",
  "title": "澄州市公共资源交易管理局机构职能",
  "publisher": {"name": "澄州市公共资源交易管理局", "uscc": "11349900MB1K27N4XP"},
  "formed_date": "$(date +%F)",
  "responsible_section": "办公室",
  "responsible_person": "经办人A",
  "summary": "主要职责、内设机构和联系方式。",
  "keywords": ["机构职能"],
  "body": {"format": "BODY_FORMAT_MARKDOWN", "text": "**主要职责**\n\n负责全市公共资源交易的监督管理。\n"},
  "attachments": [$attachments]
}
JSON
echo
