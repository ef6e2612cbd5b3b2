"""Items for tests, made from the samples so that they satisfy the catalogue."""
import copy
import json
import re

from broker import samples


def field_name(json_name):
    """"indexNo" → "index_no": the contract's own name, which its JSON mapping takes too."""
    return re.sub("[A-Z]", lambda letter: "_" + letter.group().lower(), json_name)


def item_like(sample, reference, **changes):
    """A copy of a sample under another reference and without its 索引号, with fields changed; None removes a field."""
    item = {field_name(name): copy.deepcopy(value) for name, value in sample.items()}
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
