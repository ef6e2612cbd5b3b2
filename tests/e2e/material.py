"""Items for tests, made from the samples so that they satisfy the catalogue."""
import copy
import json

from broker import samples

CAMEL = {"indexNo": "index_no", "catalogueEntry": "catalogue_entry", "mediaType": "media_type", "shortTitle": "short_title"}


def item_like(sample, reference, **changes):
    """A copy of a sample under another reference and without its 索引号, with fields changed; None removes a field."""
    item = copy.deepcopy(sample)
    item = {CAMEL.get(name, name): value for name, value in item.items()}
    item.pop("index_no", None)
    item.pop("correction", None)
    item["reference"] = reference
    for name, value in changes.items():
        if value is None:
            item.pop(name, None)
        else:
            item[name] = value
    return item


def any_sample():
    """The first sample that corrects nothing and has no attachments."""
    return next(item for _, item in sorted(samples().items()) if "correction" not in item and not item.get("attachments"))


def write_item(folder, name, item):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(item, ensure_ascii=False, indent=1), encoding="utf-8")
    return path
