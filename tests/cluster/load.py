"""What the hammer submits: items that tell on every page which version of which reference they are."""
import re

from contract import item_pb2


def token(reference, version):
    return f"[{reference}:{version}]"


def versions_in(text, reference):
    """The versions of the reference whose body stands in the text."""
    return {int(found) for found in re.findall(re.escape(f"[{reference}:") + r"(\d+)\]", text)}


def item(department, reference, version, of_edition=0):
    """version 1 is the original; later ones correct the edition."""
    made = item_pb2.Item(
        department=department, reference=reference, catalogue_entry="ZC-AWARD_RESULT", title=f"负载测试采购项目中标结果公告 {reference}",
        summary="用于故障测试的公告。", formed_date="2026-06-15", responsible_section="政府采购监管科", project_code="CZZC2026LOAD",
        publisher=item_pb2.Organization(name="澄州市公共资源交易管理局", uscc="11349900MB1K27N4XP"),
        notice_period=item_pb2.NoticePeriod(start="2026-06-16", end="2026-06-17"),
        body=item_pb2.Body(format=item_pb2.BODY_FORMAT_PLAIN, text=f"中标结果如下。\n\n版次 {token(reference, version)}\n"))
    if version > 1:
        made.correction.reason = f"第{version}稿更正"
        made.correction.of_edition = of_edition
    return made
